# Attempts to get out of the sandbox, one function each. An attempt that succeeds calls escaped(); one that fails just ends, or raises.
# W has what the world outside has to offer: paths, ports, process ids. Those under "harmless" are also run without a sandbox, as a
# control: there they must succeed, or the attempt would prove nothing. All of it happens on this machine.
import ctypes, errno, fcntl, json, mmap, os, platform, resource, select, signal, socket, stat, struct, subprocess, sys, threading, time

libc = ctypes.CDLL(None, use_errno=True)
PREFIX = "ESCA" + "PED"


def escaped(how=""):
    print(PREFIX, how, flush=True)


def syscall(number, *arguments):
    libc.syscall.restype = ctypes.c_long
    return libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments])


def succeeds(number, *arguments):
    if syscall(number, *arguments) >= 0:
        escaped(str(number))


def reads(path):
    with open(path, "rb") as file:
        if file.read(1 << 16):
            escaped(path)


# ---- files -------------------------------------------------------------------------------------------------------------------------

def read_shadow(): reads("/etc/shadow")                                                                                # harmless
def read_passwd(): reads("/etc/passwd")                                                                                # harmless
def read_secret_file(): reads(W["secret"])                                                                             # harmless
def read_home_of_root(): os.listdir("/root") and escaped()                                                             # harmless
def list_folder_of_other_conversation(): os.listdir(W["other"]) and escaped()                                          # harmless
def read_file_of_other_conversation(): reads(W["other"] + "/notes.txt")                                                # harmless
def climb_out_of_the_folder(): reads("../" * 20 + W["secret"].lstrip("/"))                                             # harmless
def climb_from_an_open_folder():                                                                                       # harmless
    root = os.open("/", os.O_RDONLY)
    os.read(os.open(W["secret"].lstrip("/"), os.O_RDONLY, dir_fd=root), 9) and escaped()
def reopen_through_proc():                                                                                             # harmless
    handle = os.open(W["secret"], 0x200000)
    reads(f"/proc/self/fd/{handle}")
def read_through_root_of_init(): reads("/proc/1/root" + W["secret"])
def read_through_root_of_noos(): reads(f"/proc/{W['noos']}/root{W['secret']}")                                         # harmless
def read_through_symbolic_link():                                                                                      # harmless
    os.symlink(W["secret"], "way-out")
    reads("way-out")
def leave_symbolic_link_for_the_host():                                                                                # harmless
    os.symlink(W["secret"], "chart.png")
    escaped()
def read_through_hard_link():                                                                                          # harmless
    os.link(W["secret"], W["work"] + "/way-out")
    reads("way-out")
def open_by_handle():
    for number in (303, 304):
        succeeds(number, -100, W["secret"].encode(), ctypes.create_string_buffer(200), ctypes.byref(ctypes.c_int()), 0)
def break_out_of_chroot():                                                                                             # harmless
    os.makedirs("jail", exist_ok=True)
    os.chroot("jail")
    escaped()
def write_secret_file(): open(W["victim"], "w").write("x") and escaped()                                               # harmless
def truncate_secret_file(): os.truncate(W["victim"], 0) or escaped()                                                   # harmless
def remove_secret_file(): os.unlink(W["victim"]) or escaped()                                                          # harmless
def rename_secret_file(): os.rename(W["victim"], W["victim"] + ".gone") or escaped()                                   # harmless
def open_up_secret_file(): os.chmod(W["victim"], 0o666)
def touch_secret_file(): os.utime(W["victim"], (1, 1))
def take_secret_file(): os.chown(W["victim"], os.getuid(), os.getgid())
def label_secret_file(): os.setxattr(W["victim"], "user.mine", b"1") or escaped()
def write_beside_secret_file(): open(W["other"] + "/planted", "w").write("x") and escaped()                            # harmless
def write_system_program(): open("/usr/bin/noos-planted", "w").write("x") and escaped()
def write_system_settings(): open("/etc/noos-planted", "w").write("x") and escaped()
def write_program_of_noos(): open(W["program"], "r+b") and escaped()                                                   # harmless
def write_home(): open(W["home"] + "/noos-planted", "w").write("x") and escaped()
def write_temporary_folder_of_the_host():                                                                              # harmless
    path = W["temporary"] + "/noos-planted"
    open(path, "w").write("x")
    if os.path.exists(path) and os.stat(path).st_dev == W["temporary_device"]:
        escaped()
def make_set_user_id_program():                                                                                        # harmless
    open("shell", "wb").write(open("/bin/true", "rb").read())
    try: os.chmod("shell", 0o4755)
    except OSError: pass
    if os.stat("shell").st_mode & 0o4000: escaped("chmod")
    os.close(os.open("shell2", os.O_CREAT | os.O_WRONLY, 0o4755))
    if os.stat("shell2").st_mode & 0o4000: escaped("open")
def make_disk_device():                                                                                                # harmless
    os.mknod("disk", 0o600 | stat.S_IFBLK, W["disk"])
    os.close(os.open("disk", os.O_RDONLY))
    escaped()
def open_disk_device(): [os.open("/dev/" + name, os.O_RDONLY) and escaped(name) for name in W["disks"]]                # harmless
def open_memory_device():
    for name in ("mem", "kmem", "port", "kmsg"):
        try: os.open("/dev/" + name, os.O_RDONLY) and escaped(name)
        except OSError: pass
def write_kernel_settings():
    for name in ("kernel/core_pattern", "kernel/modprobe", "vm/overcommit_memory", "net/ipv4/ip_forward"):
        try: os.open("/proc/sys/" + name, os.O_WRONLY) and escaped(name)
        except OSError: pass
def open_sysrq(): os.open("/proc/sysrq-trigger", os.O_WRONLY) and escaped()
def write_control_group():
    for group in ("/sys/fs/cgroup", "/sys/fs/cgroup/memory", "/sys/fs/cgroup/unified"):
        try:
            os.mkdir(group + "/noos-planted")
            escaped(group)
        except OSError: pass
def read_kernel_symbols(): reads("/sys/kernel/notes")                                                                  # harmless
def watch_files_of_the_host():                                                                                         # harmless
    handle = libc.inotify_init()
    if libc.inotify_add_watch(handle, os.path.dirname(W["secret"]).encode(), 0xfff) >= 0: escaped()


# ---- processes ---------------------------------------------------------------------------------------------------------------------

def read_environment_of_noos(): reads(f"/proc/{W['noos']}/environ")                                                    # harmless
def read_command_line_of_noos(): reads(f"/proc/{W['noos']}/cmdline")                                                   # harmless
def read_memory_of_noos(): os.open(f"/proc/{W['noos']}/mem", os.O_RDWR) and escaped()                                  # harmless
def read_map_of_noos(): reads(f"/proc/{W['noos']}/maps")                                                               # harmless
def list_descriptors_of_noos(): os.listdir(f"/proc/{W['noos']}/fd") and escaped()                                      # harmless
def trace_process(): succeeds(101, 16, W["canary"], 0, 0)                                                              # harmless
def read_memory_of_process():                                                                                          # harmless
    # One byte of its first mapping would do; that it may look at all is told by EFAULT.
    local, remote = (ctypes.c_uint64 * 2)(ctypes.addressof(ctypes.create_string_buffer(9)), 1), (ctypes.c_uint64 * 2)(1, 1)
    if syscall(310, W["canary"], local, 1, remote, 1, 0) >= 0 or ctypes.get_errno() == errno.EFAULT: escaped()
def steal_descriptor():                                                                                                # harmless
    handle = syscall(434, W["canary"], 0)
    if handle >= 0: succeeds(438, handle, 0, 0)
def kill_process(): os.kill(W["canary"], signal.SIGUSR1) or escaped()                                                  # harmless
def kill_process_by_descriptor():                                                                                      # harmless
    handle = syscall(434, W["canary"], 0)
    if handle >= 0: succeeds(424, handle, int(signal.SIGUSR1), 0, 0)
def kill_noos(): os.kill(W["noos"], 0) or escaped()                                                                    # harmless
def kill_parent():
    if os.getppid() not in (0, 1): os.kill(os.getppid(), signal.SIGKILL) or escaped()
def kill_everything(): os.kill(-1, signal.SIGUSR1)
def slow_down_process(): os.setpriority(os.PRIO_PROCESS, W["canary"], 19) or escaped()                                 # harmless
def limit_process(): resource.prlimit(W["canary"], resource.RLIMIT_NOFILE, (64, 64)) and escaped()                     # harmless
def move_process(): os.sched_setaffinity(W["canary"], {0}) or escaped()                                                # harmless
def see_secrets_of_the_environment():                                                                                  # harmless
    if any("noos-secret" in value for value in os.environ.values()): escaped()
def find_inherited_descriptors():
    for number in range(3, 1024):
        try: status = os.fstat(number)
        except OSError: continue
        if not stat.S_ISFIFO(status.st_mode) and not stat.S_ISCHR(status.st_mode): escaped(f"{number} {oct(status.st_mode)}")
def type_into_terminal():
    for path in ("/dev/tty", "/dev/pts/0", "/dev/console"):
        try:
            with open(path, "w") as terminal:
                fcntl.ioctl(terminal, 0x5412, b"x")
                escaped(path)
        except OSError: pass
    if syscall(16, 0, 0x5412, b"x") >= 0: escaped("0")
def become_root():
    for call in (lambda: os.setuid(0), lambda: os.setresuid(0, 0, 0), lambda: os.setgid(0), lambda: os.setgroups([0])):
        try: call()
        except OSError: pass
    if 0 in os.getresuid(): escaped()
def be_root_already():                                                                                                 # harmless
    if os.getuid() == 0 and W["root"]: escaped()
def gain_privileges_by_a_program():
    if libc.prctl(39, 0, 0, 0, 0) != 1: escaped()                                                                      # PR_GET_NO_NEW_PRIVS
def preload_into_privileged_program():
    done = subprocess.run(["/bin/su", "-c", "id -u"], env={"LD_PRELOAD": W["work"] + "/x.so"}, capture_output=True,
                          stdin=subprocess.DEVNULL, text=True)
    if done.stdout.strip() == "0": escaped()
def outlive_the_session():
    # A grandchild in a session of its own; the host looks for it when this session is closed.
    if os.fork() == 0:
        try: os.setsid()
        except OSError: pass
        if os.fork() == 0:
            for name in (1, 2, 15): signal.signal(name, signal.SIG_IGN)
            os.execv("/bin/sleep", ["/bin/sleep", W["marker"]])
        os._exit(0)


# ---- network -----------------------------------------------------------------------------------------------------------------------

def connects(family, address, kind=socket.SOCK_STREAM):
    with socket.socket(family, kind) as client:
        client.settimeout(2)
        client.connect(address)
        client.send(b"hello")
        escaped()


def connect_by_ipv4(): connects(socket.AF_INET, ("127.0.0.1", W["port"]))                                              # harmless
def connect_by_ipv6(): connects(socket.AF_INET6, ("::1", W["port6"]))                                                  # harmless
def send_by_udp(): connects(socket.AF_INET, ("127.0.0.1", W["udp"]), socket.SOCK_DGRAM)                                # harmless
def connect_by_unix_socket(): connects(socket.AF_UNIX, W["unix"])                                                      # harmless
def connect_by_abstract_socket(): connects(socket.AF_UNIX, "\0" + W["abstract"])                                       # harmless
def listen_for_others():                                                                                               # harmless
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        escaped()
def open_packet_socket(): socket.socket(17, socket.SOCK_RAW, 0x300) and escaped()                                      # harmless
def open_raw_socket(): socket.socket(socket.AF_INET, socket.SOCK_RAW, 1) and escaped()                                 # harmless
def open_netlink_socket(): socket.socket(16, socket.SOCK_RAW, 0) and escaped()                                         # harmless
def open_crypto_socket(): socket.socket(38, socket.SOCK_SEQPACKET, 0) and escaped()
def open_machine_socket(): socket.socket(40, socket.SOCK_STREAM, 0) and escaped()
def pair_of_internet_sockets(): socket.socketpair(socket.AF_INET) and escaped()
def socket_by_32_bit_call():
    # int 0x80 has other numbers, which a careless filter does not know: 359 is socket. The filter ends the process.
    memory = mmap.mmap(-1, 4096, prot=7)
    memory.write(bytes.fromhex("53 b8 67 01 00 00 bb 01 00 00 00 b9 01 00 00 00 31 d2 cd 80 5b c3"))
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    if ctypes.CFUNCTYPE(ctypes.c_int)(address)() >= 0: escaped()
def socket_by_x32_call(): succeeds(0x40000000 | 41, 1, 1, 0)


# ---- the kernel --------------------------------------------------------------------------------------------------------------------

def make_user_namespace(): succeeds(272, 0x10000000)                                                                   # harmless
def make_mount_namespace(): succeeds(272, 0x20000)                                                                     # harmless
def clone_user_namespace():
    child = syscall(56, 0x10000000 | int(signal.SIGCHLD), 0, 0, 0, 0)
    if child == 0: os._exit(0)
    if child > 0: escaped()
def clone3_user_namespace():
    child = syscall(435, struct.pack("<11Q", 0x10000000, 0, 0, 0, int(signal.SIGCHLD), 0, 0, 0, 0, 0, 0), 88)
    if child == 0: os._exit(0)
    if child > 0: escaped()
def join_namespace(): succeeds(308, os.open("/proc/1/ns/mnt", os.O_RDONLY), 0)
def mount_file_system(): succeeds(165, b"none", b"/tmp", b"tmpfs", 0, 0)
def mount_by_new_calls(): succeeds(430, b"tmpfs", 0); succeeds(428, -100, b"/", 1); succeeds(442, -100, b"/", 0, b"\0" * 32, 32)
def remount_writable(): succeeds(165, b"none", b"/", 0, 32, 0); succeeds(165, b"none", b"/usr", 0, 32 | 4096, 0)
def unmount(): succeeds(166, b"/usr", 2); succeeds(166, b"/tmp", 2); succeeds(166, b"/proc", 2)
def change_root(): succeeds(155, b".", b".")
def add_key(): succeeds(248, b"user", b"noos", b"x", 1, -3)                                                            # harmless
def read_keys(): succeeds(250, 0, -3, 1)
def load_bpf_program(): succeeds(321, 5, b"\0" * 128, 128); succeeds(321, 0, struct.pack("<4I", 2, 4, 4, 1) + b"\0" * 112, 128)
def set_up_io_uring(): succeeds(425, 4, ctypes.create_string_buffer(120))                                              # harmless
def open_performance_counter(): succeeds(298, struct.pack("<IIQ", 1, 112, 0) + b"\0" * 96, 0, -1, -1, 0)
def handle_page_faults(): succeeds(323, 0o2000000)                                                                     # harmless
def load_kernel_module(): succeeds(175, b"x", 1, b""); succeeds(313, 0, b"", 0)
def load_kernel(): succeeds(246, 0, 0, 0, 0)
def read_kernel_log(): succeeds(103, 3, ctypes.create_string_buffer(100), 100)
def set_clock():
    now = time.time()
    succeeds(227, 0, struct.pack("<qq", int(now), 0))
def set_host_name(): succeeds(170, platform.node().encode(), len(platform.node()))                                     # harmless
def switch_off_randomization(): succeeds(135, 0x40000)                                                                 # harmless
def use_ports(): succeeds(172, 3); succeeds(173, 0x80, 1, 1)
def make_local_descriptor_table(): succeeds(154, 1, struct.pack("<4I", 0, 0, 0xfffff, 0x51), 16)
def run_from_memory(): succeeds(319, b"x", 0)                                                                          # harmless
def leave_shared_memory(): succeeds(29, W["shared_key"], 4096, 0o1600)
def leave_message_queue(): succeeds(240, b"noos-planted", os.O_CREAT | os.O_RDWR, 0o600, 0)


# ---- exhaustion: all is well if the host lives on, and the process is held to its limits -----------------------------------------------

def make_forks_without_end():
    started = time.time()
    children = 0
    try:
        while time.time() - started < 5:
            if os.fork() == 0: time.sleep(60); os._exit(0)
            children += 1
            if children > 200: escaped(); return
    except OSError:
        pass
def make_threads_without_end():
    for count in range(300):
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    escaped()
def use_all_memory():
    data = bytearray(4 << 30)
    escaped()
def use_all_memory_in_pieces():
    pieces = []
    for _ in range(4096): pieces.append(bytes([1]) * (1 << 20))
    escaped()
def use_all_memory_by_children():
    for _ in range(10):
        if os.fork() == 0:
            data = bytearray(100 << 20)
            for place in range(0, len(data), 4096): data[place] = 1
            time.sleep(60); os._exit(0)
    time.sleep(8)
    escaped()
def lock_memory():
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (1 << 30, 1 << 30))
    escaped()
def raise_limits():
    for name in (resource.RLIMIT_AS, resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE):
        try: resource.setrlimit(name, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)) or escaped(str(name))
        except (OSError, ValueError): pass
def write_one_long_file():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with open("long", "wb") as file:
        for _ in range(64): file.write(b"x" * (1 << 20))
        file.flush()
    escaped()
def fill_the_disk():
    for number in range(400):
        with open(f"part-{number}", "wb") as file: file.write(b"x" * (1 << 20))
        time.sleep(0.01)
    time.sleep(3)
    escaped()
def use_all_inodes():
    for number in range(60000):
        os.close(os.open(f"inode-{number}", os.O_CREAT | os.O_WRONLY))
    time.sleep(3)
    escaped()
def fill_temporary_files():
    folder = os.environ["TMPDIR"]
    for number in range(200):
        with open(f"{folder}/part-{number}", "wb") as file: file.write(b"x" * (1 << 20))
        time.sleep(0.01)
    time.sleep(3)
    escaped()
def fill_shared_memory():
    for number in range(64):
        with open(f"/dev/shm/part-{number}", "wb") as file: file.write(b"x" * (1 << 20))
    escaped()
def fill_the_root():
    for folder in ("/", "/dev", "/mnt", "/etc"):
        try: open(folder + "/noos-planted", "w").write("x") and escaped(folder)
        except OSError: pass
def print_without_end():
    line = "x" * 8191
    while True: print(line)
def answer_in_place_of_the_worker():
    for number in range(3, 64):
        try: os.write(number, b'{"id": 999, "error": null}\nno json\n' + b"[" * 100000 + b"\n")
        except OSError: pass
def answer_without_end():
    for number in range(3, 64):
        try:
            while True: os.write(number, b"x" * 65536)
        except OSError: pass


if __name__ == "__main__":
    # The control: one attempt, unconfined.
    W = json.loads(sys.argv[2])
    globals()[sys.argv[1]]()
