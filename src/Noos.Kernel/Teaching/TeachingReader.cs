using Noos.Core.Conversations;
using Noos.Kernel.Journaling;

namespace Noos.Kernel.Teaching;

/// <summary>
/// Reads what people taught from a journal, also while a server writes it: thumbs with a reason, ideal answers, rankings, and who has
/// agreed that models are trained on them. Thread-safe.
/// </summary>
/// <param name="reader">The journal.</param>
/// <param name="home">Its folder.</param>
public sealed class TeachingReader(JournalReader reader, string home)
{
    readonly TeachingConsents _consents = new(home);

    /// <summary>When an owner agreed that models are trained on what was taught; null where that is not so.</summary>
    public DateTimeOffset? ConsentOf(string owner) => _consents.Read().TryGetValue(owner, out var agreed) ? agreed : null;

    /// <summary>Those who have agreed: a training reads what these taught and nothing else.</summary>
    public IReadOnlyList<string> ConsentingOwners() => [.. _consents.Read().Keys.Order(StringComparer.Ordinal)];

    /// <summary>What an owner has taught, the last first.</summary>
    /// <param name="owner">Who.</param>
    /// <param name="before">Only what was said before this event; null for all.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="fits">Which of it; null for all.</param>
    public IEnumerable<TaughtAnswer> List(
        string owner, long? before = null, int limit = int.MaxValue, Func<FeedbackGiven, bool>? fits = null) =>
        Feedback(owner).Where(entry => (before is null || entry.Id < before) && fits?.Invoke((FeedbackGiven)entry.Event) != false)
            .Take(limit).Select(Read);

    /// <summary>How much of it there is.</summary>
    public TeachingCount Count(string owner)
    {
        var all = Feedback(owner).Select(entry => (FeedbackGiven)entry.Event).ToArray();
        return new TeachingCount(
            all.Length, all.Count(one => one.Verdict == FeedbackVerdict.Good), all.Count(one => one.Verdict == FeedbackVerdict.Bad),
            all.Count(one => one.Ideal is not null), all.Count(one => one.Better is not null));
    }

    /// <summary>
    /// Conversations to learn from (supervised fine-tuning): each ends with the ideal answer that a person wrote, or with one that was
    /// found good. Only that is to be learned: the answers before it have the weight 0. None has, or repeats, what others wrote.
    /// </summary>
    public IEnumerable<Conversation> Demonstrations(string owner)
    {
        foreach (var taught in List(owner))
        {
            if (taught.Demonstration is { } answer)
            {
                yield return new Conversation([.. taught.Prompt.Select(Unweighted), .. answer]);
            }
        }
    }

    /// <summary>
    /// Pairs of a better and a worse answer: an ideal one with what it was written for, and the rankings. Of two rankings that put the same
    /// answers in an order the later counts. None has, or repeats, what others wrote.
    /// </summary>
    public IEnumerable<PreferencePair> Pairs(string owner) => AllPairs(owner).Where(pair => !pair.IsHeldBack);

    /// <summary>The same with those that no model learns, since they have, or repeat, what others wrote.</summary>
    public IEnumerable<PreferencePair> AllPairs(string owner)
    {
        var known = new HashSet<(long Process, long First, long Second)>();
        foreach (var taught in List(owner))
        {
            if (taught is { Feedback.Ideal: { } ideal, Text.Length: > 0, Prompt.Count: > 0 } && ideal != taught.Text)
            {
                Message[] better = [Message.Assistant(ideal)];
                yield return new PreferencePair(taught.Prompt, better, taught.Messages)
                {
                    Time = taught.Time,
                    IsHeldBack = !taught.MayBeLearned(better) || !taught.MayBeLearned(taught.Messages),
                };
            }

            foreach (var (better, worse) in PairsOf(taught.Ranking))
            {
                if (known.Add((taught.Process, Math.Min(better.Answer, worse.Answer), Math.Max(better.Answer, worse.Answer)))
                    && better.Text.Length > 0 && worse.Text.Length > 0 && better.Text != worse.Text)
                {
                    yield return new PreferencePair(taught.Prompt, better.Messages, worse.Messages)
                    {
                        Time = taught.Time,
                        IsHeldBack = !taught.MayBeLearned(better.Messages) || !taught.MayBeLearned(worse.Messages),
                    };
                }
            }
        }
    }

    /// <summary>What counts: of each answer the last, where it says anything.</summary>
    internal List<JournalEntry> Feedback(string owner) =>
        [.. reader.Feedback(owner).Where(entry => entry.Event is FeedbackGiven { IsEmpty: false })];

    TaughtAnswer Read(JournalEntry entry)
    {
        var feedback = (FeedbackGiven)entry.Event;
        var process = reader.Find(entry.Process);
        var (prompt, messages) = ReadAnswer(entry.Process, feedback.Answer);
        Message[] instructions = process?.Program.Instructions is { } text ? [Message.System(text)] : [];
        var ranked = feedback.Ranked ?? feedback.Better?.Count ?? 0;
        return new TaughtAnswer(entry.Id, feedback.Answer, entry.Process, entry.Time, feedback)
        {
            Title = process?.Title,
            Prompt = [.. instructions, .. prompt],
            Messages = messages,
            Ranking =
            [
                .. (feedback.Better ?? []).Select((answer, index) =>
                    new RankedAnswer(answer, Math.Min(index, ranked) + 1, ReadAnswer(entry.Process, answer).Answer)),
            ],
        };
    }

    /// <summary>The question with all before it, and what was made of it.</summary>
    (IReadOnlyList<Message> Prompt, IReadOnlyList<Message> Answer) ReadAnswer(long process, long answer)
    {
        var history = reader.History(process, answer);
        var messages = history.Messages.ToList();
        if (history.IsAnswerDue && messages.Exists(message => message.Role != Role.User))
        {
            // What waited behind the answer was asked with its end.
            messages = messages[..(messages.FindLastIndex(message => message.Role != Role.User) + 1)];
        }

        var question = messages.FindLastIndex(message => message.Role == Role.User) + 1;
        return (messages[..question], messages[question..]);
    }

    static IEnumerable<(RankedAnswer Better, RankedAnswer Worse)> PairsOf(IReadOnlyList<RankedAnswer> ranking) =>
        ranking.SelectMany(_ => ranking, (better, worse) => (better, worse)).Where(pair => pair.better.Place < pair.worse.Place);

    static Message Unweighted(Message message) => message.Role == Role.Assistant ? message with { Weight = 0 } : message;
}

/// <summary>How much somebody has taught.</summary>
/// <param name="Answers">About so many answers something was said.</param>
/// <param name="Good">Found good.</param>
/// <param name="Bad">Found bad.</param>
/// <param name="Ideal">Written anew.</param>
/// <param name="Rankings">Compared with others.</param>
public sealed record TeachingCount(int Answers, int Good, int Bad, int Ideal, int Rankings);
