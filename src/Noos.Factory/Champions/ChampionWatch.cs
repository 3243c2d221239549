using System.Globalization;
using Noos.Cpus.Library;
using Noos.Kernel.Journaling;

namespace Noos.Factory.Champions;

/// <summary>When a champion is left by itself.</summary>
public sealed record WatchOptions
{
    /// <summary>Share of false alarms over all signals, however often one looks.</summary>
    public double Level { get; init; } = 0.05;

    /// <summary>So much of a rise matters: the share must be at least so many times what it was.</summary>
    public double MinRatio { get; init; } = 1.5;

    /// <summary>Answers of each that are compared at most: the last of the model before, the first of the champion.</summary>
    public int MaxAnswers { get; init; } = 2000;
}

/// <summary>
/// Watches a champion in the journal: whether its answers loop, are found bad, or get errors of tools more often than those of the model
/// before it. It says so where a test that may be looked at all the time is sure, and the rise is large enough to matter.
/// </summary>
/// <param name="options">When.</param>
public sealed class ChampionWatch(WatchOptions options)
{
    static readonly (string Name, string What, Func<AnswerOutcome, bool> Happened)[] s_signals =
    [
        ("loops", "went in circles", answer => answer.IsLoop),
        ("thumbs down", "were found bad", answer => answer.IsBad),
        ("tool errors", "had an error of a tool", answer => answer.HasToolError),
    ];

    /// <summary>Compares a champion with the model that answered before it.</summary>
    /// <param name="journal">With the answers of both.</param>
    /// <param name="champion">The name of the champion.</param>
    /// <param name="promoted">What another model answered before this is compared with.</param>
    public IReadOnlyList<WatchedSignal> Look(JournalReader journal, string champion, DateTimeOffset promoted)
    {
        ArgumentNullException.ThrowIfNull(journal);
        var all = AnswerOutcome.Read(journal);
        return Look(
            [.. all.Where(answer => answer.Model != champion && answer.Time <= promoted).TakeLast(options.MaxAnswers)],
            [.. all.Where(answer => answer.Model == champion && answer.Time >= promoted).Take(options.MaxAnswers)]);
    }

    /// <summary>The same for answers from anywhere.</summary>
    /// <param name="before">Of the model before, the last one last.</param>
    /// <param name="after">Of the champion, the first one first.</param>
    public IReadOnlyList<WatchedSignal> Look(IReadOnlyList<AnswerOutcome> before, IReadOnlyList<AnswerOutcome> after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        var blocks = Math.Min(before.Count, after.Count);
        return
        [
            .. s_signals.Select(signal =>
            {
                var test = new SafeTest();
                for (var block = 0; block < blocks; block++)
                {
                    test.Add(signal.Happened(before[before.Count - 1 - block]), signal.Happened(after[block]));
                }

                var (old, now) = (Share(before, signal.Happened), Share(after, signal.Happened));
                var isSure = test.MaxEvidence >= s_signals.Length / options.Level;
                return new WatchedSignal(signal.Name, before.Count, old, after.Count, now, test.MaxEvidence)
                {
                    HasRisen = isSure && now >= options.MinRatio * old,
                    Sentence = string.Create(
                        CultureInfo.InvariantCulture,
                        $"{now * 100:F1} % of {after.Count} answers {signal.What}, {old * 100:F1} % of {before.Count} before (evidence "
                        + $"{test.MaxEvidence:G3}, sure from {s_signals.Length / options.Level:F0} on)"),
                };
            }),
        ];

        static double Share(IReadOnlyList<AnswerOutcome> answers, Func<AnswerOutcome, bool> happened) =>
            answers.Count == 0 ? 0 : answers.Average(answer => happened(answer) ? 1.0 : 0);
    }

    /// <summary>Goes back from the current champion where a signal has risen.</summary>
    /// <param name="store">The champions.</param>
    /// <param name="journal">With their answers.</param>
    /// <param name="now">The time.</param>
    /// <returns>What was found; the reason is null where nothing was done.</returns>
    public WatchResult Act(ChampionStore store, JournalReader journal, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(store);
        if (store.Current is not { } current)
        {
            return new WatchResult(null, []);
        }

        var signals = Look(journal, current.Name, current.Promoted);
        if (signals.FirstOrDefault(signal => signal.HasRisen) is not { } risen)
        {
            return new WatchResult(current, signals);
        }

        var reason = $"{risen.Name} rose: {risen.Sentence}";
        var next = store.RollBack(number: null, now, reason);
        return new WatchResult(current, signals) { Reason = reason, Next = next };
    }
}

/// <summary>One thing that is watched.</summary>
/// <param name="Name">Loops, thumbs down, or tool errors.</param>
/// <param name="AnswersBefore">Answers of the model before.</param>
/// <param name="Before">The share of them that has it.</param>
/// <param name="Answers">Answers of the champion.</param>
/// <param name="Now">The share of them.</param>
/// <param name="Evidence">See <see cref="SafeTest.Evidence"/>.</param>
public sealed record WatchedSignal(string Name, int AnswersBefore, double Before, int Answers, double Now, double Evidence)
{
    /// <summary>It has risen, surely and by enough.</summary>
    public bool HasRisen { get; init; }

    /// <summary>For people, without an end.</summary>
    public string Sentence { get; init; } = "";
}

/// <summary>What a look at the champion has led to.</summary>
/// <param name="Champion">Who answered; null where no champion did.</param>
/// <param name="Signals">What was found.</param>
public sealed record WatchResult(Champion? Champion, IReadOnlyList<WatchedSignal> Signals)
{
    /// <summary>Why the champion was left; null where it stays.</summary>
    public string? Reason { get; init; }

    /// <summary>Who answers since; null for the usual model.</summary>
    public Champion? Next { get; init; }
}
