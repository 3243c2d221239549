namespace Noos.Tools.Code.Sandboxing;

/// <summary>What of the system a confined program sees: programs and libraries, but no settings, no homes, no sockets.</summary>
static class SystemFolders
{
    /// <summary>Programs and libraries. All but the first are links into it on most systems.</summary>
    public static IReadOnlyList<string> Programs { get; } = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];

    /// <summary>
    /// The few settings that libraries need: where the linker looks, which of several libraries is meant (numpy's BLAS), fonts, the time
    /// zone.
    /// </summary>
    public static IReadOnlyList<string> Settings { get; } =
    [
        "/etc/alternatives", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/fonts", "/etc/localtime", "/etc/mime.types",
        "/etc/matplotlibrc", "/etc/python3", "/etc/python3.10", "/etc/python3.11", "/etc/python3.12", "/etc/python3.13", "/etc/python3.14",
    ];

    /// <summary>Settings of programs that may use the network: names, and the certificates of authorities.</summary>
    public static IReadOnlyList<string> NetworkSettings { get; } =
    [
        "/etc/resolv.conf", "/etc/hosts", "/etc/host.conf", "/etc/gai.conf", "/etc/nsswitch.conf", "/etc/services", "/etc/protocols",
        "/etc/ssl", "/etc/ca-certificates", "/etc/pki", "/etc/crypto-policies",
    ];

    /// <summary>The settings that a program may read.</summary>
    public static IEnumerable<string> SettingsFor(SandboxProgram program) =>
        program.HasNetwork ? Settings.Concat(NetworkSettings) : Settings;

    /// <summary>Devices without a machine behind them.</summary>
    public static IReadOnlyList<string> Devices { get; } = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"];

    public const string Path = "/usr/local/bin:/usr/bin:/bin";

    /// <summary>The environment of a program: nothing of Noos's own is in it.</summary>
    public static IEnumerable<string> Environment(SandboxProgram program, string folder, string temporary)
    {
        var variables = new Dictionary<string, string>(program.Environment, StringComparer.Ordinal)
        {
            ["HOME"] = folder,
            ["TMPDIR"] = temporary,
        };
        variables.TryAdd("PATH", Path);
        variables.TryAdd("LANG", "C.UTF-8");
        return variables.Select(variable => $"{variable.Key}={variable.Value}");
    }
}
