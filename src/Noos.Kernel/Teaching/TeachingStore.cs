using System.Globalization;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;

namespace Noos.Kernel.Teaching;

/// <summary>
/// What people taught: thumbs with a reason, ideal answers, rankings. It is in the journal beside the answers that it is about, each its
/// owner's alone; from here it goes to a training, of those who have agreed, and is forgotten for good. Thread-safe.
/// </summary>
/// <param name="table">The processes.</param>
public sealed class TeachingStore(ProcessTable table)
{
    readonly JournalReader _reader = table.Journal.Reader;
    readonly TeachingConsents _consents = new(Path.GetDirectoryName(table.Journal.Path)!);

    /// <summary>When an owner agreed that models are trained on what was taught; null where that is not so.</summary>
    public DateTimeOffset? ConsentOf(string owner) => _consents.Read().TryGetValue(owner, out var agreed) ? agreed : null;

    /// <summary>Agrees to the training, or takes that back.</summary>
    public void SetConsent(string owner, bool isGiven)
    {
        ArgumentException.ThrowIfNullOrEmpty(owner);
        _consents.Set(owner, isGiven ? table.TimeProvider.GetUtcNow() : null);
    }

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
    public IEnumerable<PreferencePair> Pairs(string owner)
    {
        var known = new HashSet<(long Process, long First, long Second)>();
        foreach (var taught in List(owner))
        {
            if (taught is { Feedback.Ideal: { } ideal, Demonstration: { } answer, Text.Length: > 0 } && ideal != taught.Text
                && taught.MayBeLearned(taught.Messages))
            {
                yield return new PreferencePair(taught.Prompt, answer, taught.Messages);
            }

            foreach (var (better, worse) in PairsOf(taught.Ranking))
            {
                if (known.Add((taught.Process, Math.Min(better.Answer, worse.Answer), Math.Max(better.Answer, worse.Answer)))
                    && better.Text.Length > 0 && worse.Text.Length > 0 && better.Text != worse.Text
                    && taught.MayBeLearned(better.Messages) && taught.MayBeLearned(worse.Messages))
                {
                    yield return new PreferencePair(taught.Prompt, better.Messages, worse.Messages);
                }
            }
        }
    }

    /// <summary>All of it in one of the forms, a line of JSON each, without line ends.</summary>
    public IEnumerable<byte[]> Lines(string owner, TeachingForm form) => form == TeachingForm.Sft
        ? Demonstrations(owner).Select(ConversationJson.WriteUtf8)
        : Pairs(owner).Select(pair => pair.WriteUtf8());

    /// <summary>Forgets what was taught about one answer; it cannot be taken back.</summary>
    /// <exception cref="NoosException">Nothing was, or it is another's (NotFound).</exception>
    public async Task ForgetAsync(string owner, long answer, CancellationToken cancellationToken = default)
    {
        var entry = Feedback(owner).FirstOrDefault(entry => ((FeedbackGiven)entry.Event).Answer == answer) ?? throw new NoosException(
            ErrorKind.NotFound,
            string.Create(CultureInfo.InvariantCulture, $"Nothing was taught about an answer {answer}; it may be forgotten already."));
        await ForgetAsync(entry, cancellationToken);
    }

    /// <summary>Forgets all that an owner taught.</summary>
    /// <returns>Of how many answers.</returns>
    public async Task<int> ForgetAllAsync(string owner, CancellationToken cancellationToken = default)
    {
        var all = Feedback(owner);
        foreach (var entry in all)
        {
            await ForgetAsync(entry, cancellationToken);
        }

        return all.Count;
    }

    async Task ForgetAsync(JournalEntry entry, CancellationToken cancellationToken)
    {
        var answer = ((FeedbackGiven)entry.Event).Answer;
        // Told as any other judgement, so that every page that shows the answer hears of it; then all before it goes.
        await table.GiveFeedbackAsync(entry.Process, new FeedbackGiven(answer), cancellationToken);
        await table.Journal.ForgetFeedbackAsync(entry.Process, answer, cancellationToken);
    }

    /// <summary>What counts: of each answer the last, where it says anything.</summary>
    List<JournalEntry> Feedback(string owner) =>
        [.. _reader.Feedback(owner).Where(entry => entry.Event is FeedbackGiven { IsEmpty: false })];

    TaughtAnswer Read(JournalEntry entry)
    {
        var feedback = (FeedbackGiven)entry.Event;
        var process = _reader.Find(entry.Process);
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
        var history = _reader.History(process, answer);
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
