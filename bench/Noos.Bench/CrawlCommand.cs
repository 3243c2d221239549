using System.Diagnostics;
using System.Globalization;
using Noos.Core;
using Noos.Corpus.Addresses;
using Noos.Corpus.Archive;
using Noos.Corpus.Crawling.Scheduling;
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
        var (memory, processor) = (0L, TimeSpan.Zero);
        while (!crawl.HasExited)
        {
            try
            {
                crawl.Refresh();
                memory = Math.Max(memory, crawl.WorkingSet64);
                processor = crawl.TotalProcessorTime;
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
            + $"| {processor.TotalSeconds:N1} |"));
        web.FindFaults(0, 0).Take(20).ToList().ForEach(Console.WriteLine);
    }

    /// <summary>Crawls a web of all kinds of hosts with pauses, and says what its log has against the crawler.</summary>
    /// <param name="program">noos.dll</param>
    /// <param name="folder">An empty folder.</param>
    /// <param name="options"><c>hosts=2000</c>, <c>pages=6</c>, <c>concurrency=400</c></param>
    public static async Task PoliteAsync(string program, string folder, IReadOnlyList<string> options)
    {
        var numbers = Read(options, new() { ["hosts"] = 2000, ["pages"] = 6, ["concurrency"] = 400 });
        using var web = new SyntheticWeb(numbers["hosts"], pages: numbers["pages"]);
        var watch = Stopwatch.StartNew();
        using var crawl = Process.Start("dotnet",
        [
            program, "crawl", web.Seed, "--out", folder, "--scope", "web", "--delay", "0.5", "--address-delay", "0.02", "--retry-delay",
            "1", "--max-wait", "30", "--resolve", "*.test=127.1.0.0/17", "--private-host",
            string.Create(CultureInfo.InvariantCulture, $"*.test:{web.Port}"), "--concurrency",
            numbers["concurrency"].ToString(CultureInfo.InvariantCulture),
        ]);
        await crawl.WaitForExitAsync();
        var kept = File.ReadLines(Path.Combine(folder, "index.cdxj")).Select(line => line.Split("\"url\": \"")[1].Split('"')[0])
            .ToHashSet(StringComparer.Ordinal);
        var faults = web.FindFaults(0.5, 0.02);
        faults.AddRange(web.Sites.SelectMany(site => site.Wanted().Select(path => web.Address(site.Name, path)))
            .Where(address => !kept.Contains(address)).Select(address => $"{address} is not in the archive."));
        faults.AddRange(web.Sites.SelectMany(site => site.Unwanted().Select(path => web.Address(site.Name, path)))
            .Where(kept.Contains).Select(address => $"{address} is in the archive."));
        Console.WriteLine("| hosts | requests | seconds | pages in the archive | faults |");
        Console.WriteLine("|---|---|---|---|---|");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {numbers["hosts"]} | {web.Log.Count} | {watch.Elapsed.TotalSeconds:N0} | {kept.Count} | {faults.Count} |"));
        faults.Take(20).ToList().ForEach(Console.WriteLine);
    }

    /// <summary>Discovers addresses without fetching any, and says what each hundred thousand costs.</summary>
    /// <param name="folder">An empty folder.</param>
    /// <param name="options"><c>addresses=2000000</c>, <c>hosts=2000</c></param>
    public static void Frontier(string folder, IReadOnlyList<string> options)
    {
        var numbers = Read(options, new() { ["addresses"] = 2_000_000, ["hosts"] = 2000 });
        using var store = FrontierStore.Open(folder);
        var hosts = new Dictionary<string, HostState>(StringComparer.Ordinal);
        HostState Host(DiscoveredPage page)
        {
            if (!hosts.TryGetValue(page.Origin, out var host))
            {
                hosts[page.Origin] = host = new HostState(0, page.Origin, page.Host);
                store.EnsureRow(host);
            }

            return host;
        }

        var first = Host(At(0));
        Console.WriteLine("| addresses | a second | memory, MiB | file, MiB |");
        Console.WriteLine("|---|---|---|---|");
        const int Step = 100_000;
        for (var start = 0; start < numbers["addresses"]; start += Step)
        {
            var watch = Stopwatch.StartNew();
            for (var page = start; page < start + Step; page += 1000)
            {
                var outcome = new VisitOutcome(first);
                outcome.Links.AddRange(Enumerable.Range(page, 1000).Select(At));
                store.Commit([outcome], null, Host, int.MaxValue, _ => { });
            }

            var files = Directory.GetFiles(folder).Sum(path => new FileInfo(path).Length);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {start + Step:N0} | {Step / watch.Elapsed.TotalSeconds:N0} | {Environment.WorkingSet >> 20} | {files >> 20} |"));
        }

        DiscoveredPage At(int number) => DiscoveredPage.From(
            WebUrl.TryParse(string.Create(
                CultureInfo.InvariantCulture,
                $"http://host{number % numbers["hosts"]}.test/a/folder/with/some/pages/{number * 2654435761L % 1000003}/{number}.html"))!,
            depth: 1 + (number % 7));
    }

    /// <summary>Reads WARC files, and says how fast.</summary>
    /// <param name="files">Each is read five times.</param>
    public static void Read(IReadOnlyList<string> files)
    {
        Console.WriteLine("| file | records | records/s | MB/s |");
        Console.WriteLine("|---|---|---|---|");
        foreach (var file in files)
        {
            for (var round = 0; round < 5; round++)
            {
                var watch = Stopwatch.StartNew();
                using var reader = WarcReader.Open(file);
                var count = reader.Read().Count();
                var seconds = watch.Elapsed.TotalSeconds;
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {Path.GetFileName(file)} | {count} | {count / seconds:N0} | {new FileInfo(file).Length / 1e6 / seconds:N1} |"));
            }
        }
    }

    /// <summary>Kills the crawler many times, and says what it came to.</summary>
    /// <param name="program">noos.dll</param>
    /// <param name="folder">An empty folder.</param>
    /// <param name="options">
    /// <c>rounds=100</c>, <c>seed=1</c>, <c>hosts=60</c>, <c>pages=300</c>, <c>processes=1</c> that crawl as one
    /// </param>
    public static async Task KillAsync(string program, string folder, IReadOnlyList<string> options)
    {
        var numbers = Read(options, new() { ["rounds"] = 100, ["seed"] = 1, ["hosts"] = 60, ["pages"] = 300, ["processes"] = 1 });
        using var web = new SyntheticWeb(numbers["hosts"], pages: numbers["pages"], isPlain: true);
        var rounds = new CrawlKillRounds([program], web, folder, numbers["seed"]) { Processes = numbers["processes"] };
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
