using System.Diagnostics;

namespace Noos.Testing;

/// <summary>
/// The real crawler, one process or several that crawl as one, killed with -9 at random moments and started again with the same command:
/// nothing that was fetched may be lost, and after each kill at most one request may be sent again to each host.
/// </summary>
/// <param name="program">The arguments of dotnet that are <c>noos</c>.</param>
/// <param name="web">What is crawled.</param>
/// <param name="folder">Where the crawl lies.</param>
/// <param name="seed">Of what is random.</param>
public sealed class CrawlKillRounds(IReadOnlyList<string> program, SyntheticWeb web, string folder, int seed)
{
    static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    readonly Random _random = new(seed);

    // How many requests there were at each kill.
    readonly List<int> _kills = [];

    /// <summary>The pause between two requests to one host, in seconds.</summary>
    public double HostDelay { get; init; } = 0.03;

    /// <summary>What was not as it must be, a sentence each.</summary>
    public List<string> Faults { get; } = [];

    public int Kills => _kills.Count;

    /// <summary>Requests that a kill made necessary a second time.</summary>
    public int Repeated { get; private set; }

    /// <summary>How many processes crawl as one.</summary>
    public int Processes { get; init; } = 1;

    /// <summary>Kills so many times, one process each, and crawls to the end.</summary>
    public async Task RunAsync(int rounds, Action<int>? progress = null, CancellationToken cancellationToken = default)
    {
        var crawls = Enumerable.Range(0, Processes).Select(_ => Start()).ToArray();
        try
        {
            for (var round = 0; round < rounds; round++)
            {
                var before = web.Log.Count;
                for (var wait = Stopwatch.StartNew();
                    web.Log.Count == before && !crawls.All(crawl => crawl.HasExited) && wait.Elapsed < s_patience;)
                {
                    await Task.Delay(5, cancellationToken);
                }

                // Some die before their first answer is written.
                await Task.Delay(_random.Next(round % 5 == 0 ? 20 : 400), cancellationToken);
                var victim = _random.Next(Processes);
                if (crawls[victim].HasExited)
                {
                    // All was fetched.
                    break;
                }

                crawls[victim].Kill();
                await crawls[victim].WaitForExitAsync(cancellationToken);
                _kills.Add(web.Log.Count);
                crawls[victim].Dispose();
                crawls[victim] = Start();
                progress?.Invoke(round + 1);
            }

            var outputs = crawls.Select(crawl => (
                crawl, Output: crawl.StandardOutput.ReadToEndAsync(cancellationToken),
                Error: crawl.StandardError.ReadToEndAsync(cancellationToken))).ToArray();
            foreach (var (crawl, output, error) in outputs)
            {
                await crawl.WaitForExitAsync(cancellationToken);
                if (crawl.ExitCode != 0)
                {
                    Faults.Add($"The last run ended with {crawl.ExitCode}: {await output} {await error}");
                }
            }
        }
        finally
        {
            foreach (var crawl in crawls)
            {
                if (!crawl.HasExited)
                {
                    crawl.Kill();
                }

                crawl.Dispose();
            }
        }

        Check();
    }

    Process Start() => Process.Start(new ProcessStartInfo("dotnet",
    [
        .. program, "crawl", web.Seed, "--out", folder, "--scope", "web", "--delay", Text(HostDelay), "--address-delay", "0",
        "--resolve", "*.test=127.1.0.0/16", "--private-host", $"*.test:{Text(web.Port)}", "--no-tdm-file",
        .. Processes == 1 ? Array.Empty<string>() : ["--partitions", Text(4 * Processes)],
    ])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        UseShellExecute = false,
    })!;

    void Check()
    {
        Faults.AddRange(web.FindFaults(HostDelay, addressDelay: 0));
        var log = web.Log.ToArray();
        var asked = new HashSet<(string Host, string Path)>();
        var start = 0;
        foreach (var end in _kills.Append(log.Length))
        {
            var repeated = log[start..end].Where(request => !asked.Add((request.Host, request.Path))).GroupBy(request => request.Host);
            foreach (var host in repeated)
            {
                Repeated += host.Count();
                if (host.Count() > 1)
                {
                    Faults.Add($"{host.Key} was asked again for {string.Join(", ", host.Select(request => request.Path))} after one kill.");
                }
            }

            start = end;
        }

        var index = File.ReadLines(Path.Combine(folder, "index.cdxj"))
            .Select(line => line.Split("\"url\": \"")[1].Split('"')[0]).CountBy(url => url).ToDictionary(StringComparer.Ordinal);
        foreach (var site in web.Sites)
        {
            foreach (var path in site.Wanted())
            {
                var address = web.Address(site.Name, path);
                var captures = index.GetValueOrDefault(address);
                if (captures != 1)
                {
                    Faults.Add($"{address} is {captures} times in the archive.");
                }
            }
        }
    }

    static string Text(IFormattable number) => number.ToString(null, System.Globalization.CultureInfo.InvariantCulture);
}
