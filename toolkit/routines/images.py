def build_images(*a, **k): raise NotImplementedError
