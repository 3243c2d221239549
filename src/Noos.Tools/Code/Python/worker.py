# What runs in the sandbox: reads cells from standard input, one JSON object a line, and executes them in one namespace, as a notebook does.
# It trusts the code no more than the sandbox does: all it says can be forged by a cell, so whoever reads it believes none of it.
import ast, io, json, linecache, os, queue, re, signal, sys, threading, time, traceback, types, warnings


def main():
    # The cells get none of these descriptors: standard input is empty, and all that is printed goes to standard error, in order.
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    sys.stdin = open(0, encoding="utf-8", closefd=False)
    sys.stdout = io.TextIOWrapper(io.FileIO(1, "w", closefd=False), "utf-8", "replace", line_buffering=True)
    sys.stderr = io.TextIOWrapper(io.FileIO(2, "w", closefd=False), "utf-8", "replace", line_buffering=True)
    sys.argv = [""]
    # The home is the folder of the conversation, where no cache belongs.
    os.environ["MPLCONFIGDIR"] = os.environ["XDG_CACHE_HOME"] = os.environ["TMPDIR"]
    sys.path.insert(0, os.getcwd())
    warnings.filterwarnings("ignore", message=".*non-interactive.*")

    module = types.ModuleType("__main__")
    module.__builtins__ = __builtins__
    sys.modules["__main__"] = module
    cells = queue.SimpleQueue()
    running = [None]
    thread = threading.get_ident()

    def on_interrupt(number, frame):
        if running[0] is not None:
            raise KeyboardInterrupt

    signal.signal(signal.SIGINT, on_interrupt)

    def read():
        for line in requests:
            request = json.loads(line)
            if "interrupt" in request:
                if running[0] == request["interrupt"]:
                    try:
                        signal.pthread_kill(thread, signal.SIGINT)
                    except OSError:
                        # Where signals are refused, at least what Python itself executes can be stopped.
                        import _thread
                        _thread.interrupt_main()
            else:
                cells.put(request)
        os._exit(0)

    threading.Thread(target=read, daemon=True).start()

    def reply(message):
        data = (json.dumps(message) + "\n").encode()
        while data:
            data = data[os.write(replies, data):]

    reply({"ready": True})
    while True:
        try:
            request = cells.get()
        except KeyboardInterrupt:
            continue
        number = request["id"]
        running[0] = number
        error = None
        try:
            try:
                execute(request["code"], number, module.__dict__)
            finally:
                running[0] = None
        except KeyboardInterrupt:
            error = "KeyboardInterrupt"
        except SystemExit as end:
            # exit() ends a cell; the variables stay.
            error = None if end.code in (None, 0) else f"SystemExit: {end.code}"
        except BaseException as problem:
            error = describe(problem)
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except Exception:
                pass
        try:
            os.write(2, request["mark"].encode())
            reply({"id": number, "error": error})
        except KeyboardInterrupt:
            pass


def execute(code, number, names):
    started = time.time()
    file = f"<cell {number}>"
    try:
        tree = ast.parse(code, file)
    except SyntaxError:
        # Cells of notebooks have lines that are no Python: "%matplotlib inline", "!ls".
        plain = re.sub(r"(?m)^%.*$", "", code)
        plain = re.sub(r"(?m)^!(.*)$", lambda line: f"__import__('os').system({line.group(1)!r})", plain)
        if plain == code:
            raise
        code, tree = plain, ast.parse(plain, file)
    linecache.cache[file] = (len(code), None, code.splitlines(True), file)
    last = None
    if tree.body and isinstance(tree.body[-1], ast.Expr) and not code.rstrip().endswith(";"):
        last = ast.Expression(tree.body.pop().value)
    exec(compile(tree, file, "exec"), names)
    if last is not None:
        value = eval(compile(last, file, "eval"), names)
        if value is not None:
            names["_"] = value
            print(repr(value))
    save_figures(started)


def save_figures(started):
    # A figure that was drawn but not saved is what a notebook would show.
    plots = sys.modules.get("matplotlib.pyplot")
    if plots is None or not plots.get_fignums():
        return
    pictures = (".png", ".svg", ".jpg", ".jpeg", ".pdf")
    if not any(entry.name.lower().endswith(pictures) and entry.stat().st_mtime >= started - 0.01 for entry in os.scandir(".")):
        number = 1
        for figure in plots.get_fignums():
            while os.path.exists(f"figure-{number}.png"):
                number += 1
            plots.figure(figure).savefig(f"figure-{number}.png", dpi=100, bbox_inches="tight")
    plots.close("all")


def describe(problem):
    trace = problem.__traceback__
    while trace is not None and not trace.tb_frame.f_code.co_filename.startswith("<cell"):
        trace = trace.tb_next
    return "".join(traceback.format_exception(type(problem), problem, trace)).rstrip()


main()
