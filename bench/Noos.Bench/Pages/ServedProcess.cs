using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Noos.Core;

namespace Noos.Bench.Pages;

/// <summary>A <c>noos up</c> that was started for a measurement, with what the system says of it. Linux only.</summary>
sealed partial class ServedProcess : IDisposable
{
    // Of /proc/PID/stat (proc(5)); the unit is that of every Linux on x86-64.
    const double TicksPerSecond = 100;

    readonly Process _process;

    ServedProcess(Process process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    /// <summary>Seconds of processor time so far.</summary>
    public double CpuSeconds => SecondsOf($"/proc/{_process.Id}/stat");

    /// <summary>Seconds of processor time that the engine's threads took so far.</summary>
    public double EngineSeconds => Directory.GetDirectories($"/proc/{_process.Id}/task")
        .Where(task => File.ReadAllText($"{task}/comm").StartsWith("noos-inference", StringComparison.Ordinal))
        .Sum(task => SecondsOf($"{task}/stat"));

    /// <summary>Resident memory in MB.</summary>
    public double Megabytes => double.Parse(
        Resident().Match(File.ReadAllText($"/proc/{_process.Id}/status")).Groups["kilobytes"].Value, CultureInfo.InvariantCulture) / 1000;

    /// <param name="program">noos.dll, or the program of a release.</param>
    /// <param name="arguments">Behind <c>up --port 0</c>.</param>
    /// <param name="home">Its home.</param>
    public static async Task<ServedProcess> StartAsync(string program, IReadOnlyList<string> arguments, string home)
    {
        var isAssembly = program.EndsWith(".dll", StringComparison.Ordinal);
        var start = new ProcessStartInfo(
            isAssembly ? "dotnet" : program, [.. isAssembly ? [program] : Array.Empty<string>(), "up", "--port", "0", .. arguments])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.Environment["NOOS_HOME"] = home;
        var process = Process.Start(start)!;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (Greeting().Match(line) is { Success: true } found)
            {
                _ = process.StandardOutput.ReadToEndAsync();
                return new ServedProcess(process, new Uri(found.Groups["address"].Value + "/"));
            }
        }

        throw new NoosException($"'{program}' did not come up.");
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    static double SecondsOf(string stat)
    {
        var fields = File.ReadAllText(stat).Split(") ")[1].Split(' ');
        return (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture))
            / TicksPerSecond;
    }

    [GeneratedRegex("is up: (?<address>http[^ ]+)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Greeting();

    [GeneratedRegex(@"VmRSS:\s+(?<kilobytes>[0-9]+)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Resident();
}
