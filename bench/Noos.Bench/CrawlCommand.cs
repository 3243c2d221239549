using System.Diagnostics;
using System.Globalization;
using Noos.Core;
using Noos.Testing;

namespace Noos.Bench;

/// <summary>The crawler against a web of this machine: its speed, and many kills.</summary>
static class CrawlCommand
{
    /// <summary>Crawls all there is, without pauses, and says how fast.</summary>
    /// <param name="program">noos.dll</param>
    /// <param name="folder">An empty folder.</param>
    /// <param name="options"><c>hosts=200</c>, <c>pages=50</c>, <c>concurrency=64</c></param>
    public static async Task SpeedAsync(string program, string folder, IReadOnlyList<string> options)
    {
        var numbers = Read(options, new() { ["hosts"] = 200, ["pages"] = 50, ["concurrency"] = 64 });
        using var web = new SyntheticWeb(numbers["hosts"], pages: numbers["pages"], isPlain: true);
        var start = new ProcessStartInfo("dotnet",
        [
            program, "crawl", web.Seed, "--out", folder, "--scope", "web", "--delay", "0", "--address-delay", "0", "--resolve",
            "*.test=127.1.0.0/16", "--private-host", string.Create(CultureInfo.InvariantCulture, $"*.test:{web.Port}"), "--concurrency",
            numbers["concurrency"].ToString(CultureInfo.InvariantCulture),
        ])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        var watch = Stopwatch.StartNew();
        using var crawl = Process.Start(start)!;
        long memory = 0;
        while (!crawl.HasExited)
        {
            crawl.Refresh();
            try
            {
                memory = Math.Max(memory, crawl.WorkingSet64);
            }
            catch (InvalidOperationException)
            {
                // Over.
            }

            await Task.Delay(50);
        }

        var seconds = watch.Elapsed.TotalSeconds;
        Console.WriteLine(await crawl.StandardOutput.ReadToEndAsync());
        Console.WriteLine("| requests | seconds | requests/s | memory, MiB | CPU of the crawler, s |");
        Console.WriteLine("|---|---|---|---|---|");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {web.Log.Count} | {seconds:N1} | {web.Log.Count / seconds:N0} | {memory >> 20} "
            + $"| {crawl.TotalProcessorTime.TotalSeconds:N1} |"));
        web.FindFaults(0, 0).Take(20).ToList().ForEach(Console.WriteLine);
    }

    /// <summary>Kills the crawler many times, and says what it came to.</summary>
    /// <param name="program">noos.dll</param>
    /// <param name="folder">An empty folder.</param>
    /// <param name="options"><c>rounds=100</c>, <c>seed=1</c>, <c>hosts=60</c>, <c>pages=300</c></param>
    public static async Task KillAsync(string program, string folder, IReadOnlyList<string> options)
    {
        var numbers = Read(options, new() { ["rounds"] = 100, ["seed"] = 1, ["hosts"] = 60, ["pages"] = 300 });
        using var web = new SyntheticWeb(numbers["hosts"], pages: numbers["pages"], isPlain: true);
        var rounds = new CrawlKillRounds([program], web, folder, numbers["seed"]);
        await rounds.RunAsync(numbers["rounds"], round =>
        {
            if (round % 10 == 0)
            {
                Console.Error.WriteLine($"{round} of {numbers["rounds"]}");
            }
        });
        Console.WriteLine("| kills | requests | sent again | faults |");
        Console.WriteLine("|---|---|---|---|");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"| {rounds.Kills} | {web.Log.Count} | {rounds.Repeated} | {rounds.Faults.Count} |"));
        rounds.Faults.Take(20).ToList().ForEach(Console.WriteLine);
    }

    static Dictionary<string, int> Read(IReadOnlyList<string> options, Dictionary<string, int> numbers)
    {
        foreach (var option in options)
        {
            if (option.Split('=') is not [var name, var text] || !numbers.ContainsKey(name))
            {
                throw new NoosException($"There is no option '{option}'; there are {string.Join(", ", numbers.Keys)}, each as NAME=N.");
            }

            numbers[name] = int.Parse(text, CultureInfo.InvariantCulture);
        }

        return numbers;
    }
}
