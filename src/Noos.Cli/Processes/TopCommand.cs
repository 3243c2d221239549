using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Noos.Cli.Terminal;
using Noos.Core.Settings;
using Noos.Kernel.Processes;
using Noos.Server.Processes;

namespace Noos.Cli.Processes;

/// <summary><c>noos top</c></summary>
static class TopCommand
{
    const int UsualRows = 20;

    // A key seems to act at once.
    static readonly TimeSpan s_keyInterval = TimeSpan.FromMilliseconds(50);

    // Cursor home, and clear what is behind it: what is drawn next takes its place without flicker.
    const string Home = "\e[H";
    const string ClearLine = "\e[K";
    const string ClearBelow = "\e[J";
    const string OtherScreen = "\e[?1049h";
    const string FirstScreen = "\e[?1049l";

    public static Command Create(NoosSettings settings)
    {
        var interval = new Option<double>("--interval", "-d")
        {
            Description = "Seconds between two looks.",
            DefaultValueFactory = _ => 1,
        };
        interval.Validators.Add(result =>
        {
            if (result.TryGetValue<double>(out var seconds) && !(seconds is >= 0.1 and <= 3600))
            {
                result.AddError("The seconds between two looks must be from 0.1 to 3600.");
            }
        });
        var count = new Option<int>("--count", "-n")
        {
            Description = "So many looks, then end; 0 goes on until q or Ctrl-C (usual in a terminal; one look elsewhere).",
        };
        count.Validators.Add(result => PsCommand.RequireCount(result, count.Name));
        var json = CommandOutput.JsonOption("Write a line of JSON for each look: {\"data\": [process, ...]}.");
        var command = new CommandWithExamples(
            "top", "Watch what uses the model, live.", "noos top", "noos top --interval 0.5", "noos top --count 1 --json");
        command.Options.Add(interval);
        command.Options.Add(count);
        command.Options.Add(json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var home = await Homes.OpenToReadAsync(settings, cancellationToken);
            var isLive = !Console.IsOutputRedirected && !parsed.GetValue(json);
            var looks = parsed.GetValue(count) is > 0 and var given ? given : isLive ? int.MaxValue : 1;
            var wait = TimeSpan.FromSeconds(parsed.GetValue(interval));
            if (isLive)
            {
                Console.Out.Write(OtherScreen);
            }

            try
            {
                await WatchAsync(home, looks, wait, isLive, parsed.GetValue(json), cancellationToken);
            }
            finally
            {
                if (isLive)
                {
                    Console.Out.Write(FirstScreen);
                }
            }

            return 0;
        });
        return command;
    }

    static async Task WatchAsync(
        IProcessReader home, int looks, TimeSpan wait, bool isLive, bool wantsJson, CancellationToken cancellationToken)
    {
        var before = new Dictionary<long, long>();
        for (var look = 0; look < looks; look++)
        {
            if (look > 0 && !await WaitAsync(wait, isLive, cancellationToken))
            {
                return;
            }

            var rows = isLive ? Math.Max(1, Console.WindowHeight - 4) : UsualRows;
            // Those at work first; of the others those that changed last.
            ProcessRecord[] processes =
            [
                .. (await home.ListAsync(new ProcessFilter { Limit = 1000 }, cancellationToken)).OrderBy(process => !process.IsDue)
                    .ThenByDescending(process => process.Changed),
            ];
            if (wantsJson)
            {
                CommandOutput.WriteJson(new ProcessList(processes, null), known => known.ProcessList);
                continue;
            }

            var rate = look == 0 ? 0 : processes.Sum(process =>
                Math.Max(0, process.Usage.TokensOut - before.GetValueOrDefault(process.Id, process.Usage.TokensOut))) / wait.TotalSeconds;
            before = processes.ToDictionary(process => process.Id, process => process.Usage.TokensOut);
            var screen = await DrawAsync(home, processes, rate, rows, isLive, cancellationToken);
            Console.Out.Write(isLive ? Home + screen + ClearBelow : screen);
            Console.Out.Flush();
        }
    }

    /// <returns>Whether to go on: not where q was pressed.</returns>
    static async Task<bool> WaitAsync(TimeSpan wait, bool isLive, CancellationToken cancellationToken)
    {
        if (!isLive || Console.IsInputRedirected)
        {
            await Task.Delay(wait, cancellationToken);
            return true;
        }

        for (var begin = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begin) < wait;)
        {
            while (Console.KeyAvailable)
            {
                if (Console.ReadKey(intercept: true).KeyChar is 'q' or 'Q')
                {
                    return false;
                }
            }

            await Task.Delay(s_keyInterval, cancellationToken);
        }

        return true;
    }

    static async Task<string> DrawAsync(
        IProcessReader home, ProcessRecord[] processes, double rate, int rows, bool isLive, CancellationToken cancellationToken)
    {
        var width = isLive ? Math.Max(20, Console.WindowWidth - 1) : int.MaxValue;
        var text = new StringBuilder();
        var memory = await home.MemoryAsync(cancellationToken);
        var cache = memory.Cache;
        Append(home.Model is { } model ? $"{model}  {rate.ToString("0.0", CultureInfo.InvariantCulture)} tokens/s" : "No server is up.");
        Append(cache is null
            ? ""
            : $"Cache: {MemorySizeOption.Format(cache.Bytes)} of {MemorySizeOption.Format(cache.MaxBytes)}, "
                + $"{ProcessColumns.Short(cache.Tokens)} tokens, {ProcessColumns.Short(cache.TokensInUse)} in use; "
                + $"processes: {memory.Data.Sum(held => held.Pages)} pages, {memory.Data.Sum(held => held.SharedPages)} of them shared; "
                + $"{MemorySizeOption.Format(memory.SwapBytes)} on disk");
        Append(ProcessColumns.Header());
        var asking = await ProcessColumns.FindAskingAsync(home, processes.Take(rows), cancellationToken);
        foreach (var process in processes.Take(rows))
        {
            Append(ProcessColumns.Line(process, home.Model, DateTimeOffset.UtcNow, asking, width));
        }

        return text.ToString();

        void Append(string line) => text.Append(line.Length > width ? line[..width] : line).Append(isLive ? ClearLine : "").Append('\n');
    }
}
