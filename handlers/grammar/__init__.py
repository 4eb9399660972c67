"""The command language: reading lines and answers, pure, without a network or a store.

    outcome = read("/需求 3 抢修车 送到=3号阀室 截止=14:00", registry, Situation(now, zone, "zh"))

`outcome` is `NotCommand`, `OtherBot`, an `Invocation` to run or (with `missing`) to ask
about by `form`, or a `Problem`, which `explain` puts into words.
"""
