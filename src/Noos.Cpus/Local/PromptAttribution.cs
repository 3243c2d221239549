using System.Text;
using Noos.Core.Conversations;
using Noos.Kernel.Memory;
using Noos.Language.Tokenization;

namespace Noos.Cpus.Local;

/// <summary>
/// Says of which page each token of a prompt is: the texts of the pages are found in the text of the prompt, in their order. Tokens of no
/// page are the layout's, so that the sum is always the length of the prompt; what a chat template rewrites (calls as XML, contents
/// trimmed) may be counted as layout, too. A token of two pages belongs to the one in which it begins.
/// </summary>
sealed class PromptAttribution
{
    // Zero stands in the place of markup, in which no text of a page may be found: a message "user" is not the name of its role.
    const byte Markup = 0;

    static readonly byte[][] s_roles = [.. new[] { "system", "user", "assistant", "tool", "ipython", "model", "developer" }
        .Select(Encoding.UTF8.GetBytes)];

    readonly List<int> _starts = [];
    readonly byte[] _text;
    readonly int[] _owners;
    int _position;

    PromptAttribution(Tokenizer tokenizer, int[] prompt)
    {
        var text = new List<byte>();
        var isAfterMarkup = false;
        foreach (var token in prompt)
        {
            _starts.Add(text.Count);
            var bytes = tokenizer.BytesOf(token);
            var isRole = isAfterMarkup && Array.Exists(s_roles, role => role.AsSpan().SequenceEqual(tokenizer.BytesOf(token)));
            isAfterMarkup = tokenizer.IsSpecial(token);
            if (isAfterMarkup || isRole)
            {
                text.AddRange(Enumerable.Repeat(Markup, bytes.Length));
            }
            else
            {
                text.AddRange(bytes);
            }
        }

        _text = [.. text];
        _owners = new int[prompt.Length];
    }

    /// <summary>So many tokens of the prompt are of each page, by its number.</summary>
    /// <param name="tokenizer">The vocabulary.</param>
    /// <param name="conversation">Whose pages they are.</param>
    /// <param name="context">What of it is shown.</param>
    public static IReadOnlyDictionary<int, int> Count(Tokenizer tokenizer, Conversation conversation, FittedContext context)
    {
        var attribution = new PromptAttribution(tokenizer, context.Tokens);
        var pages = context.Pages.Where(page => page.Shown is not null)
            .ToLookup(page => conversation.Messages[page.Message].Role == Role.System);

        // Some templates write the instructions before the last question, wherever they stood. What is found is covered, so that the
        // search for the others can begin before it.
        foreach (var page in pages[true])
        {
            var (start, end) = attribution.Place(page, next: null);
            attribution._position = 0;
            attribution._text.AsSpan(start, end - start).Clear();
        }

        List<FittedPage> others = [.. pages[false]];
        if (context.Summary is { } summary)
        {
            others.Insert(Math.Max(0, others.FindIndex(page => page.Message >= summary.Message)), summary);
        }

        for (var index = 0; index < others.Count; index++)
        {
            // A thought that the template hides must not be found further on: what follows it would be passed over.
            var next = others[index].Part is ThoughtPart && index + 1 < others.Count ? others[index + 1].Shown : null;
            attribution.Place(others[index], next);
        }

        return attribution._owners.Where(owner => owner != 0).CountBy(owner => owner).ToDictionary();
    }

    /// <returns>The bytes from its first text to its last; none where it was not found.</returns>
    (int Start, int End) Place(FittedPage page, Part? next)
    {
        var limit = next is not null && Find(PartText.Anchors(next).FirstOrDefault(""), _position) is var (start, _) && start >= 0
            ? start
            : _text.Length;
        var (first, last) = (-1, -1);
        foreach (var text in PartText.Anchors(page.Shown!))
        {
            var (begin, end) = Find(text, _position);
            if (begin >= 0 && begin <= limit && end > begin)
            {
                (first, last) = (first < 0 ? begin : first, end);
                _position = end;
            }
        }

        if (first < 0)
        {
            return (0, 0);
        }

        for (var token = FirstAt(first); token < _owners.Length && _starts[token] < last; token++)
        {
            _owners[token] = _owners[token] == 0 ? page.Number : _owners[token];
        }

        return (first, last);
    }

    /// <summary>The first token that begins at a byte or behind it.</summary>
    int FirstAt(int position) => _starts.BinarySearch(position) is >= 0 and var found ? found : ~_starts.BinarySearch(position);

    /// <summary>Where a text stands, whole or, where the template rewrites it, from its first words to its last.</summary>
    (int Start, int End) Find(string text, int from)
    {
        const int Anchor = 24;
        var bytes = Encoding.UTF8.GetBytes(text.Trim());
        if (bytes.Length == 0)
        {
            return (-1, -1);
        }

        var rest = _text.AsSpan(from);
        if (rest.IndexOf(bytes) is >= 0 and var whole)
        {
            return (from + whole, from + whole + bytes.Length);
        }

        if (bytes.Length <= 2 * Anchor || rest.IndexOf(bytes.AsSpan(0, Anchor)) is not (>= 0 and var begin))
        {
            return (-1, -1);
        }

        var end = rest[begin..].IndexOf(bytes.AsSpan(bytes.Length - Anchor));
        return end < 0 ? (-1, -1) : (from + begin, from + begin + end + Anchor);
    }
}
