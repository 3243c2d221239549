using System.CommandLine;
using System.Globalization;
using Noos.Cli.Permissions;
using Noos.Cli.Terminal;
using Noos.Core;
using Noos.Core.Network;
using Noos.Core.Storage;
using Noos.Corpus.Archive;
using Noos.Corpus.CommonCrawl;

namespace Noos.Cli.Crawling;

/// <summary><c>noos fetch-crawl CRAWL --out FOLDER</c></summary>
static class FetchCrawlCommand
{
    static readonly CommonCrawlOptions s_default = new();

    public static Command Create()
    {
        var crawl = new Argument<string>("crawl") { Description = "The name of a crawl, such as CC-MAIN-2026-30." };
        var output = new Option<string>("--out", "-o")
        {
            Description = "Where the files go. The same again goes on where it was.",
            HelpName = "FOLDER",
            Required = true,
        };
        var kind = new Option<CommonCrawlKind>("--kind")
        {
            Description = "warc (whole answers), wet (plain text), wat (metadata), robotstxt or nonpages.",
        };
        var files = new Option<string>("--files")
        {
            Description = "Which files of the list, from 0: one, or a range such as 0-99. Default: 0.",
            HelpName = "N[-M]",
            DefaultValueFactory = _ => "0",
        };
        files.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && ParseRange(result.Tokens[^1].Value) is null)
            {
                result.AddError($"'{result.Tokens[^1].Value}' is no range of files; write it as 0-99.");
            }
        });
        var addresses = new Option<string[]>("--url")
        {
            Description = "Only the captures of this address, found by the index and fetched one by one; several times for several.",
            HelpName = "ADDRESS",
        };
        var host = new Option<string?>("--host")
        {
            Description = "Only captures of this host, or of it and all below it (*.example.org); found by the columnar index.",
            HelpName = "HOST",
        };
        var languages = new Option<string[]>("--language")
        {
            Description = "Only captures in this language (ISO 639-3: eng, deu), likewise; several times for several.",
            HelpName = "LANGUAGE",
        };
        var statuses = new Option<int[]>("--status")
        {
            Description = "Only captures with this status of HTTP, likewise; several times for several.",
            HelpName = "N",
        };
        var types = new Option<string[]>("--type")
        {
            Description = "Only captures of this media type, such as text/html, likewise; several times for several.",
            HelpName = "TYPE",
        };
        var limit = new Option<int?>("--limit") { Description = "At most so many captures.", HelpName = "N" }.AtLeast(1);
        var list = new Option<bool>("--list") { Description = "Write what would be fetched, and fetch nothing." };
        var verify = new Option<bool>("--verify")
        {
            Description = "Read every file that is there and compare the digests that its records have of themselves.",
        };
        var source = new Option<Uri>("--from")
        {
            Description = "Another place with the same layout.",
            HelpName = "ADDRESS",
            DefaultValueFactory = _ => s_default.Base,
            CustomParser = result =>
            {
                if (Uri.TryCreate(result.Tokens[^1].Value.TrimEnd('/') + "/", UriKind.Absolute, out var address))
                {
                    return address;
                }

                result.AddError($"'{result.Tokens[^1].Value}' is no address; write it as https://example.org/.");
                return null;
            },
        };
        var privateHosts = new PrivateHostOption("A host that may be asked although it is not on the public internet");
        var command = new CommandWithExamples(
            "fetch-crawl",
            "Fetch files or single captures of Common Crawl. Stopped, the same command goes on where it was.",
            "noos fetch-crawl CC-MAIN-2026-30 --kind wet --files 0-9 --out data/cc",
            "noos fetch-crawl CC-MAIN-2026-30 --url https://example.org/ --out data/cc",
            "noos fetch-crawl CC-MAIN-2026-30 --host '*.example.org' --language eng --status 200 --out data/cc",
            "noos fetch-crawl CC-MAIN-2026-30 --files 0-9 --language deu --limit 1000 --out data/cc",
            "noos fetch-crawl CC-MAIN-2026-30 --list --out data/cc | wc -l");
        command.Arguments.Add(crawl);
        foreach (var option in (ReadOnlySpan<Option>)
            [output, kind, files, addresses, host, languages, statuses, types, limit, list, verify, source, privateHosts])
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = new CommonCrawlOptions { Base = parsed.GetRequiredValue(source) };
            using var egress = new EgressGuard(new EgressOptions
            {
                Unpacks = false,
                MaxResponseBytes = long.MaxValue,
                Timeout = Timeout.InfiniteTimeSpan,
                PrivateHosts = parsed.GetValue(privateHosts) ?? [],
            });
            using var http = egress.CreateClient();
            var client = new CommonCrawlClient(http, options, TimeProvider.System);
            var (name, folder) = (parsed.GetRequiredValue(crawl), parsed.GetRequiredValue(output));
            if (parsed.GetValue(addresses) is { Length: > 0 } wanted)
            {
                return await FetchPagesAsync(client, name, wanted, folder, parsed.GetValue(list), cancellationToken);
            }

            var filter = new CaptureFilter
            {
                Host = parsed.GetValue(host),
                Languages = parsed.GetValue(languages) ?? [],
                Statuses = parsed.GetValue(statuses) ?? [],
                MediaTypes = parsed.GetValue(types) ?? [],
            };
            if (!filter.IsEmpty)
            {
                // A host may be in any file of the index, and few of them are read for it.
                var range = parsed.GetResult(files) is { Implicit: false } ? parsed.GetRequiredValue(files)
                    : filter.Host is null ? "0" : "0-" + int.MaxValue.ToString(CultureInfo.InvariantCulture);
                return await SelectAsync(
                    client, name, filter.Validate(), ParseRange(range)!.Value, parsed.GetValue(limit) ?? int.MaxValue, folder,
                    parsed.GetValue(list), cancellationToken);
            }

            var paths = await client.ReadPathsAsync(name, parsed.GetValue(kind), cancellationToken);
            var (first, last) = ParseRange(parsed.GetRequiredValue(files))!.Value;
            if (parsed.GetValue(list))
            {
                paths.ToList().ForEach(Console.Out.WriteLine);
                return 0;
            }

            if (first >= paths.Count)
            {
                throw new NoosException(
                    string.Create(CultureInfo.InvariantCulture, $"{name} has {paths.Count} files, from 0; give others."));
            }

            return await FetchFilesAsync(
                client, [.. paths.Skip(first).Take(last - first + 1)], folder, parsed.GetValue(verify), cancellationToken);
        });
        return command;
    }

    static async Task<int> FetchFilesAsync(
        CommonCrawlClient client, string[] paths, string folder, bool verifies, CancellationToken cancellationToken)
    {
        var line = ProgressLine.OnError();
        var faults = 0;
        for (var i = 0; i < paths.Length; i++)
        {
            var file = Path.Combine(folder, Path.GetFileName(paths[i]));
            var (number, bytes) = (i, 0L);
            if (!File.Exists(file))
            {
                await client.DownloadAsync(paths[i], file, new ByteProgress(count =>
                {
                    bytes += count;
                    line.Show(new ProgressState(number, paths.Length, string.Create(
                        CultureInfo.InvariantCulture, $"{number} of {paths.Length} files, {MemorySizeOption.Format(bytes)}")));
                }), cancellationToken);
            }

            if (verifies)
            {
                foreach (var fault in ArchiveCheck.FindFaults(file, cancellationToken))
                {
                    line.Note($"{file} {fault}");
                    faults++;
                }
            }
        }

        line.Clear();
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{paths.Length} files are in {folder}."));
        return faults == 0 ? 0 : ErrorKind.Damaged.ExitCode();
    }

    static async Task<int> FetchPagesAsync(
        CommonCrawlClient client, string crawl, string[] addresses, string folder, bool lists, CancellationToken cancellationToken)
    {
        var found = 0;
        foreach (var address in addresses)
        {
            foreach (var entry in await client.FindAsync(crawl, address, cancellationToken))
            {
                found++;
                await TakeAsync(client, entry, folder, lists, cancellationToken);
            }
        }

        return found > 0
            ? 0
            : throw new NoosException(ErrorKind.NotFound, $"{crawl} has no capture of {string.Join(", ", addresses)}; try another crawl.");
    }

    /// <summary>Fetches what the columnar index has of a selection.</summary>
    static async Task<int> SelectAsync(
        CommonCrawlClient client, string crawl, CaptureFilter filter, (int First, int Last) files, int limit, string folder, bool lists,
        CancellationToken cancellationToken)
    {
        var index = new ColumnarIndex(client);
        var paths = await index.ReadPathsAsync(crawl, cancellationToken);
        string[] chosen = [.. paths.Skip(files.First).Take(Math.Min(paths.Count, files.Last - files.First + 1))];
        var line = ProgressLine.OnError();
        var found = 0;
        for (var i = 0; i < chosen.Length && found < limit; i++)
        {
            line.Show(new ProgressState(
                i, chosen.Length, string.Create(CultureInfo.InvariantCulture, $"{i} of {chosen.Length} files of the index"),
                Text: string.Create(CultureInfo.InvariantCulture, $"{found:N0} captures")));
            await foreach (var entry in index.FindAsync(chosen[i], filter, cancellationToken))
            {
                await TakeAsync(client, entry, folder, lists, cancellationToken);
                if (++found == limit)
                {
                    break;
                }
            }
        }

        line.Clear();
        return found > 0 ? 0 : throw new NoosException(
            ErrorKind.NotFound, string.Create(CultureInfo.InvariantCulture,
                $"{crawl} has no such capture in {chosen.Length} of {paths.Count} files of its index; ask for less, or other --files."));
    }

    /// <summary>Writes the line of a capture, and the capture itself unless it is there or only listed: a file each.</summary>
    static async Task TakeAsync(CommonCrawlClient client, CdxjEntry entry, string folder, bool lists, CancellationToken cancellationToken)
    {
        Console.Out.WriteLine(entry.ToString());
        var file = Path.Combine(folder, $"{Path.GetFileNameWithoutExtension(Path.GetFileNameWithoutExtension(entry.FileName))}"
            + string.Create(CultureInfo.InvariantCulture, $"-{entry.Offset}.warc.gz"));
        if (!lists && !File.Exists(file))
        {
            var record = await client.ReadCaptureAsync(entry, cancellationToken);
            AtomicFile.Write(file, stream => stream.Write(record));
        }
    }

    static (int First, int Last)? ParseRange(string text)
    {
        var parts = text.Split('-', 2);
        return int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            && int.TryParse(parts[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last) && last >= first
                ? (first, last)
                : null;
    }

    /// <summary>Told on the thread that reads.</summary>
    sealed class ByteProgress(Action<long> report) : IProgress<long>
    {
        public void Report(long value) => report(value);
    }
}
