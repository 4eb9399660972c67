"""What no network should ever say, made from what they do say."""
