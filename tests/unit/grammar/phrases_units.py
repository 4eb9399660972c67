"""What people type about units and goods on their way, and what it means; some of it is wrong."""

from __future__ import annotations

PHRASES: tuple[tuple[str, str], ...] = (
    ("/resource", "resource.card"),
    ("/资源", "resource.card"),
    (
        "/resource new Convoy 1 kind=truck convoy people=6",
        "resource.new | name=Convoy 1 | kind=truck convoy | people=6",
    ),
    (
        "/资源 新建 运输一队 种类=运输车队 人数=6 负责人=Han",
        "resource.new | name=运输一队 | kind=运输车队 | leader=name:Han | people=6",
    ),
    ("/新建资源 冲锋舟2号", "resource.new | name=冲锋舟2号"),
    ("！资源登记 排水车 类别=车辆", "resource.new | name=排水车 | category=vehicle"),
    (
        "/resource assign U5 Evacuate the school until 18:00",
        "resource.assign | unit=U5 | task=Evacuate the school | until=11-22 18:00",
    ),
    (
        "/资源 分派 U5 转移学校师生 截止=18:00",
        "resource.assign | unit=U5 | task=转移学校师生 | until=11-22 18:00",
    ),
    ("/资源分派 u5 加固堤坝 需求=R12", "resource.assign | unit=U5 | task=加固堤坝 | request=R12"),
    (
        "/resource status U5 out reason=engine failure",
        "resource.status | unit=U5 | status=out | reason=engine failure",
    ),
    ("/资源 状态 U5 停用 爆胎", "resource.status | unit=U5 | status=out | reason=爆胎"),
    ("/资源 状态 Ｕ５ 可用", "resource.status | unit=U5 | status=available"),
    ("/resource send U5 to scene by 14:30", "resource.send | unit=U5 | to=scene | by=11-22 14:30"),
    (
        "/资源 派往 U5 31.2304, 121.4737 截止=14:30",
        "resource.send | unit=U5 | to=31.2304, 121.4737 | by=11-22 14:30",
    ),
    ("/resource arrive U5", "resource.arrive | unit=U5"),
    ("/资源 到达 U5", "resource.arrive | unit=U5"),
    ("/资源 轮休 U5 6小时 接替=U6", "resource.rest | unit=U5 | for=21600s | relief=U6"),
    ("/resource relieve U5 by U6", "resource.relieve | unit=U5 | by=U6"),
    ("/resource track U5 @anna", "resource.track | unit=U5 | person=handle:anna"),
    ("/资源 跟踪 U5", "resource.track | unit=U5"),
    ("/资源 分布图", "resource.map"),
    ("/resource map", "resource.map"),
    (
        "/资源 撤收 U5 时间=18:00 去向=原驻地",
        "resource.demob | unit=U5 | at=11-22 18:00 | to=原驻地",
    ),
    (
        "/resource sign U5 supply all returned",
        "resource.sign | unit=U5 | box=supply | remarks=all returned",
    ),
    ("/资源 释放 U5 强制=本地急需", "resource.release | unit=U5 | override=本地急需"),
    ("/custody 7K3Q-X9MT-2D4V", "custody | code=7K3Q-X9MT-2D4V"),
    (
        "/custody https://post.example/w/7K3Q-X9MT-2D4V note=2 bags torn",
        "custody | code=https://post.example/w/7K3Q-X9MT-2D4V | note=2 bags torn",
    ),
    ("/交接 7k3q-x9mt-2d4v 地点=北门", "custody | code=7k3q-x9mt-2d4v | place=北门"),
    (
        "/交接 新建 200沙袋、2水泵 需求=R12 资源=U5",
        "custody.new | goods=200沙袋、2水泵 | request=R12 | unit=U5",
    ),
    ("/交接 移交 C3 @anna", "custody.give | waybill=C3 | to=handle:anna"),
    ("/custody take C3", "custody.take | waybill=C3"),
    ("/交接 签收 C3", "custody.deliver | waybill=C3"),
    ("/resource assign", "resource.assign | unit? | task?"),
    ("/resource assign T4 work", "? bad-value unit"),
    ("/resource status U5 sleeping", "? bad-value status"),
    ("/资源 派往 U5", "resource.send | unit=U5 | to?"),
    ("/resource fly U5", "? unknown-verb /resource new"),
    ("/交接 移交 C3", "custody.give | waybill=C3 | to?"),
)
