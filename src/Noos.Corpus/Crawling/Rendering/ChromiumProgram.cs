using Noos.Core;

namespace Noos.Corpus.Crawling.Rendering;

/// <summary>
/// The command that begins a Chromium without a way out: in bubblewrap it has no network at all (namespaces of its own, the system's
/// programs read-only, its profile in memory), and Chromium's own sandbox within. Without bubblewrap it is held by its flags alone: a
/// proxy that does not exist and no names.
/// </summary>
static class ChromiumProgram
{
    static readonly string[] s_names =
        ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge"];

    // What of the system's settings libraries and Chromium look at: fonts, the linker's cache, the time zone.
    static readonly string[] s_settings =
    [
        "/etc/alternatives", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/fonts", "/etc/localtime", "/etc/mime.types",
        "/etc/chromium", "/etc/chromium.d", "/etc/opt",
    ];

    static readonly string[] s_flags =
    [
        "--headless", "--remote-debugging-pipe", "--disable-gpu", "--no-first-run", "--no-default-browser-check", "--mute-audio",
        "--hide-scrollbars", "--disable-extensions", "--disable-sync", "--disable-background-networking", "--disable-component-update",
        "--disable-default-apps", "--disable-domain-reliability", "--disable-breakpad", "--disable-client-side-phishing-detection",
        "--disable-notifications", "--disable-speech-api", "--disable-file-system", "--block-new-web-contents",

        // Nothing leaves but through the pipe: names lead nowhere, the proxy that all is sent to (loopback too) is such a name, and what
        // knows no proxies is off.
        "--proxy-server=http://proxy.invalid:1", "--proxy-bypass-list=<-loopback>", "--host-resolver-rules=MAP * ~NOTFOUND",
        "--dns-prefetch-disable", "--disable-quic", "--no-pings", "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",

        // Frames of other sites stay in the process whose requests are caught. They are never loaded; nothing in it is anybody's.
        "--disable-site-isolation-trials",
        "--disable-features=IsolateOrigins,site-per-process,Prerender2,SpeculationRulesPrefetchFuture,OptimizationHints,MediaRouter,"
            + "Translate,DialMediaRouteProvider",
        "--js-flags=--max-old-space-size=512", "--renderer-process-limit=2",
    ];

    /// <summary>The program to render with.</summary>
    /// <param name="wanted">A file, or null for what is on the path.</param>
    /// <param name="searchPath">The folders of programs, as PATH has them.</param>
    /// <exception cref="NoosException">There is none.</exception>
    public static string Find(string? wanted, string? searchPath)
    {
        if (wanted is not null)
        {
            return File.Exists(wanted) ? Path.GetFullPath(wanted) : throw new NoosException(
                ErrorKind.NotFound, $"There is no program '{wanted}' to render pages with; give the file of a Chromium.");
        }

        return s_names.Select(name => FindOnPath(name, searchPath)).FirstOrDefault(path => path is not null) ?? throw new NoosException(
            ErrorKind.NotFound,
            "There is no Chromium on the PATH to render pages with; install one (package chromium), name its file with --chromium, or "
            + "leave --render out.");
    }

    /// <summary>The command and its arguments.</summary>
    /// <param name="program">A Chromium.</param>
    /// <param name="profile">A folder of its own.</param>
    /// <param name="searchPath">The folders of programs, as PATH has them.</param>
    /// <exception cref="NoosException">It would run with all rights of root and without a sandbox.</exception>
    public static IReadOnlyList<string> Command(string program, string profile, string? searchPath)
    {
        if (OperatingSystem.IsLinux() && FindOnPath("bwrap", searchPath) is { } bubblewrap)
        {
            List<string> arguments =
            [
                bubblewrap, "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--uid", "65534", "--gid", "65534",
                "--clearenv", "--setenv", "PATH", "/usr/local/bin:/usr/bin:/bin", "--setenv", "HOME", "/tmp", "--setenv", "LANG", "C.UTF-8",
            ];
            foreach (var folder in (ReadOnlySpan<string>)["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/opt"])
            {
                arguments.AddRange(new FileInfo(folder).LinkTarget is { } target
                    ? ["--symlink", target, folder]
                    : ["--ro-bind-try", folder, folder]);
            }

            foreach (var setting in s_settings)
            {
                arguments.AddRange(["--ro-bind-try", setting, setting]);
            }

            arguments.AddRange(["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/dev/shm", "--tmpfs", "/tmp"]);
            if (!program.StartsWith("/usr/", StringComparison.Ordinal) && !program.StartsWith("/opt/", StringComparison.Ordinal))
            {
                var folder = Path.GetDirectoryName(program)!;
                arguments.AddRange(["--ro-bind", folder, folder]);
            }

            return [.. arguments, "--chdir", "/tmp", "--", program, .. s_flags, "--user-data-dir=/tmp/profile", "about:blank"];
        }

        return Environment.IsPrivilegedProcess
            ? throw new NoosException(
                ErrorKind.Unavailable,
                "Pages of strangers are not rendered with the rights of the administrator; install bubblewrap (package bubblewrap), or "
                + "crawl as another user.")
            : [program, .. s_flags, $"--user-data-dir={profile}", "about:blank"];
    }

    static string? FindOnPath(string name, string? searchPath) => (searchPath ?? "").Split(Path.PathSeparator)
        .Where(folder => folder.Length > 0).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
}
