using Noos.Core.Conversations;

namespace Noos.Corpus.Preferences;

/// <summary>What a rater said about the answers to one prompt.</summary>
/// <param name="Group">Prompt and answers; one that the rater wrote anew comes last. Its pairs follow from the places.</param>
/// <param name="Places">The place of each answer from 1 on, equal ones the same; empty where the rater passed it over.</param>
/// <param name="Rater">Who.</param>
/// <param name="Time">When.</param>
public sealed record Label(PreferenceGroup Group, IReadOnlyList<int> Places, string Rater, DateTimeOffset Time)
{
    /// <summary>Asked a second time, to see whether the rater agrees with themselves; not to be learned from.</summary>
    public bool IsRepeat { get; init; }

    /// <summary>Whether the last answer was written by the rater.</summary>
    public bool HasEdit { get; init; }

    /// <summary>Names the prompt and the answers that were shown, whoever judged them.</summary>
    public string Item => ItemOf(Group with { Answers = [.. Group.Answers.SkipLast(HasEdit ? 1 : 0)] });

    /// <summary>Names a prompt and its answers.</summary>
    public static string ItemOf(PreferenceGroup group)
    {
        ArgumentNullException.ThrowIfNull(group);
        return string.Join('\n', group.Answers.Select(answer => ConversationJson.Write(new Conversation(answer.Messages)))
            .Prepend(ConversationJson.Write(group.Prompt)));
    }

    /// <summary>A label by places, with the pairs that follow from them.</summary>
    /// <param name="item">What was shown.</param>
    /// <param name="places">Of the answers that were shown; empty to pass them over.</param>
    /// <param name="rater">Who.</param>
    /// <param name="time">When.</param>
    /// <param name="edit">A better answer, and which one it was made from; null for none.</param>
    /// <param name="isRepeat">See <see cref="IsRepeat"/>.</param>
    public static Label Create(
        PreferenceGroup item, IReadOnlyList<int> places, string rater, DateTimeOffset time, string? edit = null, bool isRepeat = false)
    {
        ArgumentNullException.ThrowIfNull(item);
        ArgumentNullException.ThrowIfNull(places);
        IReadOnlyList<PreferenceAnswer> answers = edit is null
            ? item.Answers
            : [.. item.Answers, new PreferenceAnswer([Message.Assistant(edit)]) { Kind = "Edit" }];

        // What somebody took the trouble to write is better than all that was there.
        IReadOnlyList<int> all = edit is null ? places : [.. places.Count > 0 ? places : item.Answers.Select(_ => 2), 0];
        var pairs = new List<Preference>();
        for (var better = 0; !isRepeat && better < all.Count; better++)
        {
            for (var worse = 0; worse < all.Count; worse++)
            {
                // An answer that says what the rater wrote is as good as that, whatever its place.
                if (all[better] < all[worse] && answers[worse].Text != edit)
                {
                    pairs.Add(new Preference(better, worse));
                }
            }
        }

        return new Label(new PreferenceGroup(item.Prompt, answers, pairs), all, rater, time)
        {
            IsRepeat = isRepeat,
            HasEdit = edit is not null,
        };
    }
}
