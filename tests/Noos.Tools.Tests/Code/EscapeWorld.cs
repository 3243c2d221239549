using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace Noos.Tools.Tests.Code;

/// <summary>
/// What lies outside of a sandbox: files that everybody may read and change, so that the sandbox alone protects them; listeners; a process.
/// Afterwards it tells what was done to it.
/// </summary>
sealed class EscapeWorld : IAsyncDisposable
{
    const string Secret = "the secret of the world outside";

    const UnixFileMode Everybody = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    readonly string _folder = Directory.CreateTempSubdirectory("noos-escape-").FullName;
    readonly Process _canary;
    readonly TcpListener _tcp = new(IPAddress.Loopback, 0);
    readonly TcpListener? _tcp6;
    readonly UdpClient _udp = new(new IPEndPoint(IPAddress.Loopback, 0));
    readonly Socket _unix = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    readonly Socket _abstract = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    readonly DateTime _written = new(2020, 2, 2, 2, 2, 2, DateTimeKind.Utc);

    public EscapeWorld()
    {
        OpenUp(_folder);
        Write("secret");
        Write("victim");
        Write("program");
        Directory.CreateDirectory(Path.Combine(_folder, "other"));
        OpenUp(Path.Combine(_folder, "other"));
        Write("other/notes.txt");
        File.SetLastWriteTimeUtc(Path.Combine(_folder, "victim"), _written);
        _canary = Process.Start("/bin/sleep", "600");
        _tcp.Start();
        if (Socket.OSSupportsIPv6)
        {
            _tcp6 = new TcpListener(IPAddress.IPv6Loopback, 0);
            _tcp6.Start();
        }

        var name = Guid.NewGuid().ToString("N");
        _unix.Bind(new UnixDomainSocketEndPoint(Path.Combine(_folder, "socket")));
        OpenUp(Path.Combine(_folder, "socket"));
        _unix.Listen();
        _abstract.Bind(new UnixDomainSocketEndPoint("\0" + name));
        _abstract.Listen();
        Marker = string.Create(CultureInfo.InvariantCulture, $"{Random.Shared.Next(100_000, 999_999)}.{Random.Shared.Next(1000, 9999)}");
        var disks = Directory.Exists("/sys/block") ? Directory.GetDirectories("/sys/block").Select(Path.GetFileName).ToArray() : [];
        Description = new JsonObject
        {
            ["secret"] = Path.Combine(_folder, "secret"),
            ["victim"] = Path.Combine(_folder, "victim"),
            ["program"] = Path.Combine(_folder, "program"),
            ["other"] = Path.Combine(_folder, "other"),
            ["home"] = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile),
            ["temporary"] = Path.TrimEndingDirectorySeparator(Path.GetTempPath()),
            ["temporary_device"] = Device(Path.GetTempPath()),
            ["noos"] = Environment.ProcessId,
            ["canary"] = _canary.Id,
            ["port"] = ((IPEndPoint)_tcp.LocalEndpoint).Port,
            ["port6"] = _tcp6 is null ? 0 : ((IPEndPoint)_tcp6.LocalEndpoint).Port,
            ["udp"] = ((IPEndPoint)_udp.Client.LocalEndPoint!).Port,
            ["unix"] = Path.Combine(_folder, "socket"),
            ["abstract"] = name,
            ["root"] = Environment.UserName == "root",
            ["marker"] = Marker,
            ["shared_key"] = Random.Shared.Next(1, int.MaxValue),
            ["disk"] = disks.Length > 0 ? DeviceNumber(disks[0]!) : 0,
            ["disks"] = new JsonArray([.. disks.Take(3).Select(disk => JsonValue.Create(disk))]),
        };
    }

    /// <summary>What an attempt is told of the world.</summary>
    public JsonObject Description { get; }

    /// <summary>In the command line of a program that would live on.</summary>
    public string Marker { get; }

    /// <summary>What was done to the world; nothing, if all attempts failed.</summary>
    public IEnumerable<string> FindDamage()
    {
        var victim = new FileInfo(Path.Combine(_folder, "victim"));
        if (!victim.Exists || File.ReadAllText(victim.FullName) != Secret || victim.LastWriteTimeUtc != _written
            || victim.UnixFileMode != Everybody)
        {
            yield return "the file was changed";
        }

        foreach (var folder in (string[])[Path.Combine(_folder, "other"), Path.GetTempPath(), "/usr/bin", "/etc",
            Environment.GetFolderPath(Environment.SpecialFolder.UserProfile)])
        {
            if (File.Exists(Path.Combine(folder, "noos-planted")))
            {
                yield return $"a file was made in {folder}";
            }
        }

        if (_canary.HasExited)
        {
            yield return "the process was killed";
        }

        if (_tcp.Pending() || _tcp6?.Pending() == true || _udp.Available > 0 || _unix.Poll(0, SelectMode.SelectRead)
            || _abstract.Poll(0, SelectMode.SelectRead))
        {
            yield return "somebody connected";
        }
    }

    /// <summary>
    /// Whether a program with the marker in its command line runs on. One that was killed may be seen for a while, until a busy machine has
    /// cleared it away.
    /// </summary>
    public async Task<bool> HasSurvivorAsync()
    {
        for (var look = 0; look < 300; look++)
        {
            if (!HasProgram())
            {
                return false;
            }

            await Task.Delay(100);
        }

        return true;
    }

    bool HasProgram() => Directory.GetDirectories("/proc").Any(folder =>
    {
        try
        {
            return char.IsAsciiDigit(Path.GetFileName(folder)[0])
                && File.ReadAllText(Path.Combine(folder, "cmdline")).Contains(Marker, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    });

    public async ValueTask DisposeAsync()
    {
        if (!_canary.HasExited)
        {
            _canary.Kill();
        }

        await _canary.WaitForExitAsync();
        _canary.Dispose();
        _tcp.Dispose();
        _tcp6?.Dispose();
        _udp.Dispose();
        _unix.Dispose();
        _abstract.Dispose();
        Directory.Delete(_folder, recursive: true);
        File.Delete(Path.Combine(Path.GetTempPath(), "noos-planted"));
    }

    void Write(string name)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, Secret);
        OpenUp(path);
    }

    static void OpenUp(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, Everybody);
        }
    }

    // "8:0" is major and minor; makedev(3) of small numbers.
    static long DeviceNumber(string disk)
    {
        var numbers = File.ReadAllText($"/sys/block/{disk}/dev").Trim().Split(':').Select(long.Parse).ToArray();
        return (numbers[0] << 8) | numbers[1];
    }

    static long Device(string path)
    {
        using var stat = Process.Start(new ProcessStartInfo("/usr/bin/stat", ["-c", "%d", path])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        return long.Parse(stat.StandardOutput.ReadToEnd().Trim(), CultureInfo.InvariantCulture);
    }
}
