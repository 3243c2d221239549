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
    readonly TeachingReader _taught = new(table.Journal.Reader, Path.GetDirectoryName(table.Journal.Path)!);
    readonly TeachingConsents _consents = new(Path.GetDirectoryName(table.Journal.Path)!);

    /// <inheritdoc cref="TeachingReader.ConsentOf"/>
    public DateTimeOffset? ConsentOf(string owner) => _taught.ConsentOf(owner);

    /// <summary>Agrees to the training, or takes that back.</summary>
    public void SetConsent(string owner, bool isGiven)
    {
        ArgumentException.ThrowIfNullOrEmpty(owner);
        _consents.Set(owner, isGiven ? table.TimeProvider.GetUtcNow() : null);
    }

    /// <inheritdoc cref="TeachingReader.ConsentingOwners"/>
    public IReadOnlyList<string> ConsentingOwners() => _taught.ConsentingOwners();

    /// <inheritdoc cref="TeachingReader.List"/>
    public IEnumerable<TaughtAnswer> List(
        string owner, long? before = null, int limit = int.MaxValue, Func<FeedbackGiven, bool>? fits = null) =>
        _taught.List(owner, before, limit, fits);

    /// <inheritdoc cref="TeachingReader.Count"/>
    public TeachingCount Count(string owner) => _taught.Count(owner);

    /// <inheritdoc cref="TeachingReader.Demonstrations"/>
    public IEnumerable<Conversation> Demonstrations(string owner) => _taught.Demonstrations(owner);

    /// <inheritdoc cref="TeachingReader.Pairs"/>
    public IEnumerable<PreferencePair> Pairs(string owner) => _taught.Pairs(owner);

    /// <summary>All of it in one of the forms, a line of JSON each, without line ends.</summary>
    public IEnumerable<byte[]> Lines(string owner, TeachingForm form) => form == TeachingForm.Sft
        ? Demonstrations(owner).Select(ConversationJson.WriteUtf8)
        : Pairs(owner).Select(pair => pair.WriteUtf8());

    /// <summary>Forgets what was taught about one answer; it cannot be taken back.</summary>
    /// <exception cref="NoosException">Nothing was, or it is another's (NotFound).</exception>
    public async Task ForgetAsync(string owner, long answer, CancellationToken cancellationToken = default)
    {
        var entry = _taught.Feedback(owner).Find(entry => ((FeedbackGiven)entry.Event).Answer == answer) ?? throw new NoosException(
            ErrorKind.NotFound,
            string.Create(CultureInfo.InvariantCulture, $"Nothing was taught about an answer {answer}; it may be forgotten already."));
        await ForgetAsync(entry, cancellationToken);
    }

    /// <summary>Forgets all that an owner taught.</summary>
    /// <returns>Of how many answers.</returns>
    public async Task<int> ForgetAllAsync(string owner, CancellationToken cancellationToken = default)
    {
        var all = _taught.Feedback(owner);
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
}
