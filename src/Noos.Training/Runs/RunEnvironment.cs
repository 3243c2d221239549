using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Noos.Training.Runs;

/// <summary>Describes the machine and the software for the record.</summary>
public static class RunEnvironment
{
    public static IReadOnlyList<KeyValuePair<string, string>> Describe() =>
    [
        new("Processor", ProcessorName()),
        new("Cores", Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture)),
        new("Vectors", Vector512.IsHardwareAccelerated
            ? "512 bit"
            : Vector256.IsHardwareAccelerated
            ? "256 bit"
            : Vector128.IsHardwareAccelerated
            ? "128 bit"
            : "none"),
        new("Memory",
            string.Create(CultureInfo.InvariantCulture, $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1 << 30):F1} GiB")),
        new("System", RuntimeInformation.OSDescription),
        new("Runtime", RuntimeInformation.FrameworkDescription),
        new("Noos", typeof(RunEnvironment).Assembly.GetName().Version?.ToString(3) ?? "unknown"),
    ];

    static string ProcessorName()
    {
        const string CpuInfo = "/proc/cpuinfo";
        try
        {
            var line = File.Exists(CpuInfo)
                ? File.ReadLines(CpuInfo).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))
                : null;
            return line?[(line.IndexOf(':') + 1)..].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return RuntimeInformation.ProcessArchitecture.ToString();
        }
    }
}
