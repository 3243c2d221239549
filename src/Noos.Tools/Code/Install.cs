namespace Noos.Tools.Code;

/// <summary>The one line that installs something, in the words of this system's package manager.</summary>
static class Install
{
    static readonly (string Program, string Words)[] s_managers =
    [
        ("/usr/bin/apt-get", "apt-get install -y"),
        ("/usr/bin/dnf", "dnf install -y"),
        ("/usr/bin/zypper", "zypper install -y"),
        ("/usr/bin/pacman", "pacman -S --noconfirm"),
        ("/sbin/apk", "apk add"),
    ];

    /// <param name="package">Its name in Debian.</param>
    public static string Line(string package)
    {
        var (program, words) = Array.Find(s_managers, manager => File.Exists(manager.Program));
        var name = program switch
        {
            "/usr/bin/pacman" => package.Replace("python3", "python", StringComparison.Ordinal),
            "/sbin/apk" => package.Replace("python3-", "py3-", StringComparison.Ordinal),
            _ => package,
        };
        return $"{(Sandboxing.SystemCalls.EffectiveUser == 0 ? "" : "sudo ")}{words ?? "apt-get install -y"} {name}";
    }
}
