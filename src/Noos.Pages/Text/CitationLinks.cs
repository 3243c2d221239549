using Noos.Core.Conversations;

namespace Noos.Pages.Text;

/// <summary>What the numbers in brackets of an answer lead to. Filled while the answer is made.</summary>
/// <param name="prefix">Makes the anchors of one answer different from those of others.</param>
public sealed class CitationLinks(string prefix)
{
    readonly SortedDictionary<int, CitedPassage> _passages = [];

    /// <summary>The passages by their numbers.</summary>
    public IReadOnlyCollection<CitedPassage> Passages => _passages.Values;

    /// <summary>Takes the passages of a result in; a later result with the same number is the one that the text behind it means.</summary>
    public void Add(ToolResultPart result)
    {
        ArgumentNullException.ThrowIfNull(result);
        foreach (var part in result.Parts.OfType<TextPart>())
        {
            if (part.Citation is { } citation)
            {
                _passages[citation.Number] = new CitedPassage(citation, part.Text);
            }
        }
    }

    public CitedPassage? Find(int number) => _passages.GetValueOrDefault(number);

    /// <summary>The id of the element with a passage.</summary>
    public string AnchorOf(int number) => FormattableString.Invariant($"{prefix}-source-{number}");
}

/// <summary>A passage that an answer can lead to.</summary>
/// <param name="Citation">Where it stands.</param>
/// <param name="Text">Its words.</param>
public sealed record CitedPassage(Citation Citation, string Text);
