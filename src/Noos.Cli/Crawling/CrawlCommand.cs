using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;
using Noos.Cli.Permissions;
using Noos.Cli.Terminal;
using Noos.Core;
using Noos.Core.Network;
using Noos.Core.Settings;
using Noos.Core.Storage;
using Noos.Corpus.Addresses;
using Noos.Corpus.Archive;
using Noos.Corpus.Crawling;
using Noos.Corpus.Crawling.Fetching;
using Noos.Corpus.Crawling.OptOuts;
using Noos.Corpus.Crawling.Partitions;
using Noos.Corpus.Crawling.Rendering;

namespace Noos.Cli.Crawling;

/// <summary><c>noos crawl SEED... --out FOLDER</c></summary>
static class CrawlCommand
{
    static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(150);
    static readonly CrawlOptions s_default = new();

    public static Command Create(NoosSettings settings)
    {
        var seeds = new Argument<string[]>("seed")
        {
            Description = "Addresses to begin at; a line of a file each with @FILE.",
            Arity = ArgumentArity.OneOrMore,
        };
        var output = new Option<string>("--out", "-o")
        {
            Description = "The folder of the crawl: WARC files, their indexes (CDXJ) and the frontier. The same again goes on there.",
            HelpName = "FOLDER",
            Required = true,
        };
        var scope = new Option<CrawlScope>("--scope")
        {
            Description = "How far links are followed: host, domain (the registered domains of the seeds), or web.",
            DefaultValueFactory = _ => s_default.Scope,
        };
        var maxPages = Number("--max-pages", "Stop with so many pages in all.");
        var maxDepth = Number("--max-depth", $"Links from a seed. Default: {s_default.MaxDepth}.", 0);
        var maxPerHost = Number(
            "--max-pages-per-host", $"Addresses of one host that are remembered. Default: {s_default.MaxPagesPerHost:N0}.");
        var maxPageSize = MemorySizeOption.Create("--max-page-size", "Longest page; the rest is cut. Default: 5M.", int.MaxValue / 8);
        var maxTries = Number("--max-tries", $"Requests for one page before it is given up. Default: {s_default.MaxTries}.");
        var concurrency = Number("--concurrency", $"Requests at a time, each to another host. Default: {s_default.MaxConcurrency}.");
        var delay = Seconds(
            "--delay", "Least pause between two requests to one host; slow hosts and Crawl-delay make it longer. Default: 1.");
        var addressDelay = Seconds("--address-delay", "The same for all hosts at one IP address. Default: 0.25.");
        var retryDelay = Seconds("--retry-delay", "Pause after a host's first failure, twice as long after each further one. Default: 30.");
        var maxWait = Seconds("--max-wait", "A host that asks for a longer pause has its turn in a later run. Default: 900.");
        var timeout = Seconds("--timeout", "How long a request may take. Default: 30.");
        var minutes = Seconds("--minutes", "Stop after so many minutes; the next call goes on from there.");
        var revisit = Seconds(
            "--revisit", "Fetch a page again after so many days, sooner or later as it changes; what did not change costs a 304.");
        var include = Pattern("--include", "Fetch only addresses in which this regular expression is found.");
        var exclude = Pattern("--exclude", "Fetch no addresses in which this regular expression is found.");
        var agent = new Option<string>("--agent")
        {
            Description = "The name that robots.txt files know the crawler by.",
            DefaultValueFactory = _ => s_default.Agent,
        };
        agent.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => token.Value.Length == 0
                || token.Value.Any(letter => !char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '_'))))
            {
                result.AddError("The name of a crawler has letters, digits, hyphens and underscores only.");
            }
        });
        var contact = new Option<string?>("--contact")
        {
            Description = "A page or an address of mail that sites are told with every request.",
        };
        var noSitemaps = new Option<bool>("--no-sitemaps") { Description = "Do not read the sitemaps that robots.txt files name." };
        var noTdm = new Option<bool>("--no-tdm-file") { Description = "Do not ask hosts for /.well-known/tdmrep.json." };
        var keepOptedOut = new Option<bool>("--keep-opted-out")
        {
            Description = "Keep pages that say noindex, noarchive, noai, or reserve text and data mining; "
                + "what they say is stored beside them.",
        };
        var allTypes = new Option<bool>("--all-types") { Description = "Keep pictures, archives and whatever else links lead to." };
        var render = new Option<bool>("--render")
        {
            Description = "Let an installed Chromium build pages that have nearly no text but scripts that make it. It has no network: "
                + "what scripts ask for is fetched by the rules of the crawl, or not at all.",
        };
        var chromium = new Option<FileInfo?>("--chromium")
        {
            Description = "The Chromium for --render. Default: NOOS_CHROMIUM, else the one on the PATH.",
            HelpName = "FILE",
        };
        var renderTime = Seconds(
            "--render-seconds", "Time for one page with --render, the pauses between its requests included. Default: 60.");
        var zstandard = new Option<bool>("--zstd")
        {
            Description = "Pack archives with Zstandard (.warc.zst) instead of gzip: smaller and faster to read, by fewer programs.",
        };
        var suffixes = new Option<FileInfo?>("--public-suffixes")
        {
            Description = "The list of publicsuffix.org. Default: that of the system, else the suffixes that are most used.",
        };
        var privateHosts = new PrivateHostOption("A host that may be crawled although it is not on the public internet");
        var resolve = new ResolveOption();
        var partitions = new Option<int?>("--partitions")
        {
            Description = "Share the crawl among all processes that run this same command on this folder, here or on machines that share "
                + "it: into so many parts, some times as many as processes. They may come and go and be killed.",
            HelpName = "N",
        }.Between(2, 256);
        var command = new CommandWithExamples(
            "crawl",
            "Fetch pages from seeds on, into WARC files: politely (robots.txt as RFC 9309 says, one request at a time to a host and to an "
            + "IP address, pauses), and so that it can be stopped or killed at any time: the same command goes on.",
            "noos crawl https://example.org/ --out crawl",
            "noos crawl example.org --out crawl --scope host --max-pages 1000 --contact https://example.com/bot",
            "noos crawl example.org --out crawl --render",
            "noos crawl @seeds.txt --out crawl --scope web --minutes 600 --revisit 7",
            "noos crawl @seeds.txt --out /shared/crawl --scope web --partitions 16");
        command.Arguments.Add(seeds);
        foreach (var option in (ReadOnlySpan<Option>)
            [output, scope, maxPages, maxDepth, maxPerHost, maxPageSize, maxTries, concurrency, delay, addressDelay, retryDelay, maxWait,
                timeout, minutes, revisit, include, exclude, agent, contact, noSitemaps, noTdm, keepOptedOut, allTypes, render, chromium,
                renderTime, zstandard, suffixes, privateHosts, resolve, partitions])
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = new CrawlOptions
            {
                Agent = parsed.GetRequiredValue(agent),
                Contact = parsed.GetValue(contact),
                Scope = parsed.GetValue(scope),
                Include = ToRegex(parsed.GetValue(include)),
                Exclude = ToRegex(parsed.GetValue(exclude)),
                MaxPages = parsed.GetValue(maxPages) ?? long.MaxValue,
                MaxDepth = parsed.GetValue(maxDepth) ?? s_default.MaxDepth,
                MaxPagesPerHost = parsed.GetValue(maxPerHost) ?? s_default.MaxPagesPerHost,
                MaxPageBytes = (int)(parsed.GetValue(maxPageSize) ?? s_default.MaxPageBytes),
                MaxTries = parsed.GetValue(maxTries) ?? s_default.MaxTries,
                MaxConcurrency = parsed.GetValue(concurrency) ?? s_default.MaxConcurrency,
                HostDelay = Time(parsed.GetValue(delay)) ?? s_default.HostDelay,
                AddressDelay = Time(parsed.GetValue(addressDelay)) ?? s_default.AddressDelay,
                RetryDelay = Time(parsed.GetValue(retryDelay)) ?? s_default.RetryDelay,
                MaxWait = Time(parsed.GetValue(maxWait)) ?? s_default.MaxWait,
                Timeout = Time(parsed.GetValue(timeout)) ?? s_default.Timeout,
                Revisit = parsed.GetValue(revisit) is { } days ? TimeSpan.FromDays(days) : null,
                ReadsSitemaps = !parsed.GetValue(noSitemaps),
                ReadsTdmFile = !parsed.GetValue(noTdm),
                Honoured = parsed.GetValue(keepOptedOut) ? OptOut.None : s_default.Honoured,
                TextOnly = !parsed.GetValue(allTypes),
                Compression = parsed.GetValue(zstandard) ? ArchiveCompression.Zstandard : ArchiveCompression.Gzip,
                PublicSuffixes = parsed.GetValue(suffixes) is { } list ? PublicSuffixList.Load(list.FullName) : PublicSuffixList.Default,
            };
            var names = new NameResolver(resolve.CreateResolver(parsed), options.ResolvedLifetime);
            using var egress = new EgressGuard(CrawlServices.EgressFor(options, names, parsed.GetValue(privateHosts)));
            using var http = egress.CreateClient();
            await using var browser = parsed.GetValue(render) ? OpenBrowser(
                parsed.GetValue(chromium)?.FullName ?? settings.Chromium, settings.SearchPath, Time(parsed.GetValue(renderTime))) : null;
            var services = new CrawlServices(http, names, TimeProvider.System) { Browser = browser };
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            if (parsed.GetValue(minutes) is { } limit)
            {
                stop.CancelAfter(TimeSpan.FromMinutes(limit));
            }

            var (folder, addresses) = (parsed.GetRequiredValue(output), ReadSeeds(parsed.GetRequiredValue(seeds)));
            CrawlReport report;
            if (parsed.GetValue(partitions) is not null || CrawlTeam.Exists(folder))
            {
                using var team = CrawlTeam.Join(folder, parsed.GetValue(partitions), options, services);
                report = await FollowAsync(
                    team.RunAsync(addresses, stop.Token), () => team.Progress, () => string.Create(
                        CultureInfo.InvariantCulture, $", {team.Partitions} partitions"));
            }
            else
            {
                using var crawler = Crawler.Open(folder, options, services);
                report = await FollowAsync(crawler.RunAsync(addresses, stop.Token), () => crawler.Progress, () => "");
            }

            Console.Out.WriteLine(Describe(report));
            return cancellationToken.IsCancellationRequested ? ControlC.ExitCode : 0;
        });
        return command;
    }

    static ChromiumBrowser OpenBrowser(string? program, string? searchPath, TimeSpan? maxTime)
    {
        var options = new RenderOptions { Program = program };
        return ChromiumBrowser.Open(options with { MaxTime = maxTime ?? options.MaxTime }, searchPath, TimeProvider.System);
    }

    static string[] ReadSeeds(string[] seeds) =>
    [
        .. seeds.SelectMany(seed => seed.StartsWith('@') ? ReadLines(seed[1..]) : [seed])
            .Select(seed => seed.Trim()).Where(seed => seed.Length > 0 && !seed.StartsWith('#')),
    ];

    static string[] ReadLines(string path)
    {
        RegularFile.Require(path);
        return File.Exists(path)
            ? File.ReadAllLines(path)
            : throw new NoosException(ErrorKind.NotFound, $"There is no file '{path}' with seeds; check its name.");
    }

    static async Task<CrawlReport> FollowAsync(Task<CrawlReport> running, Func<CrawlProgress> progress, Func<string> more)
    {
        var line = ProgressLine.OnError();
        while (await Task.WhenAny(running, Task.Delay(s_tick, CancellationToken.None)) != running)
        {
            var now = progress();
            line.Show(new ProgressState(
                now.Fetched, 0, string.Create(CultureInfo.InvariantCulture, $"{now.Fetched:N0} pages"),
                string.Create(CultureInfo.InvariantCulture, $"{now.Rate:N1} pages/s"), Text: string.Create(
                    CultureInfo.InvariantCulture,
                    $"{MemorySizeOption.Format(now.Bytes)}  {now.Queued:N0} queued  {now.Hosts:N0} hosts, {now.UnderWay} under way"
                    + $"{more()}")));
        }

        line.Clear();
        return await running;
    }

    static string Describe(CrawlReport report)
    {
        var now = report.Progress;
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{now.Fetched:N0} pages with {now.Requests:N0} requests in {ProgressState.Format(now.Elapsed)} ({now.Rate:N1} pages/s), "
            + $"{MemorySizeOption.Format(now.Bytes)} written.\n"
            + $"In all {report.Fetched:N0} pages, {now.Queued:N0} addresses queued, {report.Failed:N0} failed, "
            + $"{report.Refused:N0} refused.");
        foreach (var (reason, count) in report.Reasons.Take(20))
        {
            text += string.Create(CultureInfo.InvariantCulture, $"\n  {count,9:N0}  {reason}");
        }

        return report.NextDue is { } due
            ? text + string.Create(CultureInfo.InvariantCulture, $"\nThe next page is due at {due.ToLocalTime():yyyy-MM-dd HH:mm}.")
            : text;
    }

    static Option<int?> Number(string name, string description, int min = 1) =>
        new Option<int?>(name) { Description = description, HelpName = "N" }.AtLeast(min);

    static Option<double?> Seconds(string name, string description) =>
        new Option<double?>(name) { Description = description, HelpName = "N" }.Between(0, 1e6);

    static Option<string?> Pattern(string name, string description)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = "REGEX" };
        option.Validators.Add(result =>
        {
            try
            {
                _ = ToRegex(result.Tokens.Count > 0 ? result.Tokens[^1].Value : null);
            }
            catch (Exception e) when (e is ArgumentException or NotSupportedException)
            {
                result.AddError($"The value of {name} is no regular expression that can be used here: {e.Message}");
            }
        });
        return option;
    }

    // Without backtracking no address can hold up the crawl.
    static Regex? ToRegex(string? pattern) => pattern is null ? null : new Regex(pattern, RegexOptions.NonBacktracking);

    static TimeSpan? Time(double? seconds) => seconds is { } value ? TimeSpan.FromSeconds(value) : null;
}
