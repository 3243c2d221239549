using System.CommandLine;
using System.Diagnostics;
using Noos.Cli.Terminal;
using Noos.Cpus.Library;
using Noos.Factory.Champions;
using Noos.Factory.Weeks;
using Noos.Kernel.Journaling;
using Noos.Kernel.Timers;

namespace Noos.Cli.Factory;

/// <summary>
/// What a server does for its champions beside answering: begins a week when it is due, as a program of its own with little priority, so
/// that a training neither slows answers down nor can take the server with it; and goes back from a champion whose answers become worse.
/// A week that the last stop cut short goes on at once; one whose time came while the system was off is made up for.
/// </summary>
/// <param name="home">Holds journal, champions and weeks.</param>
/// <param name="weekly">The recipe of the weeks, and when they begin; null for none.</param>
/// <param name="clock">The time, and its zone.</param>
/// <param name="log">Told in sentences.</param>
sealed class WeeklyTimer(string home, (WeekRecipe Recipe, TimerSchedule Schedule)? weekly, TimeProvider clock, Action<string> log)
{
    static readonly TimeSpan s_watchInterval = TimeSpan.FromMinutes(10);

    // A clock that was set is noticed after so long.
    static readonly TimeSpan s_maxWait = TimeSpan.FromMinutes(1);

    /// <summary>Sundays at two.</summary>
    public const string UsualTime = "0 2 * * 0";

    /// <summary>The options of a server.</summary>
    public static (Option<string?> Recipe, Option<string?> Time) CreateOptions() => (
        new Option<string?>("--weekly")
        {
            Description = "A recipe of 'noos weekly': the model learns from what people taught it, at the time that --weekly-at says.",
            HelpName = "RECIPE",
        },
        new Option<string?>("--weekly-at")
        {
            Description = $"When a week begins, as a cron line in this machine's time zone (default: \"{UsualTime}\", Sundays at two).",
            HelpName = "CRON",
        });

    /// <summary>Works until it is cancelled; failures are told and tried again at the next time.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // The start of the server does not wait for it.
        await Task.Yield();
        var watched = DateTimeOffset.MinValue;
        try
        {
            while (true)
            {
                if (clock.GetUtcNow() - watched >= s_watchInterval)
                {
                    watched = clock.GetUtcNow();
                    Try(Watch);
                }

                if (weekly is { } due && IsDue(due.Recipe, due.Schedule))
                {
                    await RunWeekAsync(due.Recipe, cancellationToken);
                }

                await Task.Delay(s_maxWait, clock, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The server ends; the week goes on with the next start.
        }
    }

    // The last attempt that failed, so that a broken recipe is not tried every minute.
    DateTimeOffset _failed = DateTimeOffset.MinValue;

    bool IsDue(WeekRecipe recipe, TimerSchedule schedule)
    {
        try
        {
            var last = WeekRun.List(Path.Combine(home, "weeks", recipe.Name)) is [.., var newest] ? newest : null;
            var since = last?.Started ?? Started;
            since = since > _failed ? since : _failed;
            var isOpen = last is not null && !WeekRun.IsDone(last) && _failed < Started;
            return isOpen || schedule.NextAfter(since, clock.LocalTimeZone) <= clock.GetUtcNow();
        }
        catch (Core.NoosException failure)
        {
            log(failure.Message);
            _failed = clock.GetUtcNow();
            return false;
        }
    }

    DateTimeOffset Started { get; } = clock.GetUtcNow();

    void Watch()
    {
        var store = new ChampionStore(ChampionStore.FolderIn(home));
        if (store.Current is not null && File.Exists(Path.Combine(home, Journal.FileName)))
        {
            using var journal = JournalReader.Open(Path.Combine(home, Journal.FileName));
            var result = new ChampionWatch(new WatchOptions()).Act(store, journal, clock.GetUtcNow());
            if (result.Reason is { } reason)
            {
                log($"{result.Champion!.Name} was left, {result.Next?.Name ?? "the usual model"} answers: {reason}.");
            }
        }
    }

    async Task RunWeekAsync(WeekRecipe recipe, CancellationToken cancellationToken)
    {
        var (program, arguments) = OwnProgram.Command;
        var start = new ProcessStartInfo(program, [.. arguments, "weekly", recipe.File])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["NOOS_HOME"] = home;
        using var process = Process.Start(start)!;
        Try(() => process.PriorityClass = ProcessPriorityClass.BelowNormal);
        process.OutputDataReceived += (_, line) => Tell(line.Data);
        process.ErrorDataReceived += (_, line) => Tell(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await process.WaitForExitAsync(cancellationToken);
            if (process.ExitCode != 0)
            {
                _failed = clock.GetUtcNow();
            }
        }
        catch (OperationCanceledException)
        {
            // Killed at any moment it goes on to the same bits.
            process.Kill();
            throw;
        }

        void Tell(string? line)
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                log("weekly: " + line.Trim());
            }
        }
    }

    void Try(Action action)
    {
        try
        {
            action();
        }
        catch (Exception failure) when (failure is Core.NoosException or IOException or InvalidOperationException
            or System.ComponentModel.Win32Exception or UnauthorizedAccessException)
        {
            log(failure.Message);
        }
    }
}
