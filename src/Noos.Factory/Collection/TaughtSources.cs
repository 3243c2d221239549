using Noos.Core.Conversations;
using Noos.Corpus.Conversations;
using Noos.Corpus.Preferences;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Kernel.Teaching;

namespace Noos.Factory.Collection;

/// <summary>Where people teach: the journal behind the page, labels of 'noos label', and files that somebody chose.</summary>
public sealed record TaughtSources
{
    /// <summary>The folder with the journal; null for none. A journal that is not there yet has nothing.</summary>
    public string? Home { get; init; }

    /// <summary>Files of 'noos label'. Who labels does so for a training: that is their consent.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Files of preferences.</summary>
    public IReadOnlyList<string> Preferences { get; init; } = [];

    /// <summary>Files of conversations that end with an answer to learn.</summary>
    public IReadOnlyList<string> Demonstrations { get; init; } = [];

    /// <summary>All labels, to know their raters.</summary>
    public IReadOnlyList<Label> ReadLabels() => [.. Labels.SelectMany(LabelFile.Read)];

    /// <summary>Everything that was taught, also what must not be learned.</summary>
    /// <param name="options">Which labels are of known items.</param>
    public IEnumerable<TaughtItem> Read(CollectionOptions options) =>
        ReadHome().Concat(Labels.SelectMany(path => ReadLabels(path, options))).Concat(ReadImports());

    IEnumerable<TaughtItem> ReadHome()
    {
        var path = Home is null ? null : Path.Combine(Home, Journal.FileName);
        if (path is null || !File.Exists(path))
        {
            yield break;
        }

        using var journal = JournalReader.Open(path);
        var taught = new TeachingReader(journal, Home!);
        var agreed = taught.ConsentingOwners().ToHashSet(StringComparer.Ordinal);
        var owners = journal.Processes(new ProcessFilter { IncludesEnded = true }).Select(process => process.Owner)
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        foreach (var owner in owners)
        {
            foreach (var item in ReadOwner(taught, owner))
            {
                yield return agreed.Contains(owner) ? item : item with { Reason = DropReason.NoConsent };
            }
        }
    }

    static IEnumerable<TaughtItem> ReadOwner(TeachingReader taught, string owner)
    {
        foreach (var answer in taught.List(owner))
        {
            if (answer.Demonstration is { } shown)
            {
                yield return new TaughtItem("page", owner, answer.Time)
                {
                    Demonstration = new Conversation([.. answer.Prompt.Select(Unlearned), .. shown]),
                };
            }
            else if (answer.IsHeldBack)
            {
                yield return new TaughtItem("page", owner, answer.Time)
                {
                    Demonstration = new Conversation(answer.Prompt),
                    Reason = DropReason.Untrusted,
                };
            }
        }

        foreach (var pair in taught.AllPairs(owner))
        {
            yield return new TaughtItem("page", owner, pair.Time)
            {
                Group = new PreferenceGroup(
                    new Conversation(pair.Prompt), [new PreferenceAnswer(pair.Chosen), new PreferenceAnswer(pair.Rejected)],
                    [new Preference(0, 1)]),
                Reason = pair.IsHeldBack ? DropReason.Untrusted : null,
            };
        }
    }

    static IEnumerable<TaughtItem> ReadLabels(string path, CollectionOptions options)
    {
        var source = Path.GetFileName(path);
        foreach (var label in LabelFile.Read(path).Where(label => !label.IsRepeat && label.Places.Count > 0))
        {
            var item = new TaughtItem(source, label.Rater, label.Time)
            {
                Reason = RaterRecord.IsKnown(label, options) ? DropReason.Known : null,
            };
            if (label.Group.Pairs.Count > 0)
            {
                yield return item with { Group = label.Group };
            }

            foreach (var better in LabelFile.Demonstrations([label]))
            {
                yield return item with { Demonstration = better };
            }
        }
    }

    IEnumerable<TaughtItem> ReadImports()
    {
        foreach (var path in Preferences)
        {
            foreach (var group in PreferenceFile.Read(path))
            {
                yield return Import(path) with { Group = group };
            }
        }

        foreach (var path in Demonstrations)
        {
            foreach (var conversation in ConversationFile.Read(path))
            {
                yield return Import(path) with { Demonstration = conversation };
            }
        }

        static TaughtItem Import(string path) =>
            new(Path.GetFileName(path), Path.GetFileName(path), DateTimeOffset.MinValue) { IsImported = true };
    }

    static Message Unlearned(Message message) => message.Role == Role.Assistant ? message with { Weight = 0 } : message;
}
