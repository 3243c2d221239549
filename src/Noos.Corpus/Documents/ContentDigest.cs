using System.Buffers;
using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Noos.Corpus.Documents;

/// <summary>
/// Names a text by content, to find copies: XxHash3-128 over its UTF-16 code units, with every run of white space taken as one space and
/// none at the ends, so that another line length does not make another text.
/// </summary>
/// <remarks>
/// Not SHA-256: it runs at memory speed, 128 bits make a chance collision among 10 billion documents less likely than 1e-18, and nothing
/// is trusted because of it. Whoever may forge texts can forge a collision; opt-outs therefore go by address, not by digest.
/// </remarks>
public static class ContentDigest
{
    static readonly SearchValues<char> s_irregularSpace = SearchValues.Create(
        [.. Enumerable.Range(0, char.MaxValue + 1).Select(code => (char)code).Where(code => code != ' ' && char.IsWhiteSpace(code))]);

    public static UInt128 Compute(ReadOnlySpan<char> text)
    {
        var hash = new XxHash128();
        text = text.Trim();
        var position = 0;
        var irregular = -1;
        // Most white space is one space, which stays as it is: two vectorized searches find the rest, so whole
        // stretches are hashed at once.
        while (position < text.Length)
        {
            if (irregular < position)
            {
                var found = text[position..].IndexOfAny(s_irregularSpace);
                irregular = found < 0 ? text.Length : position + found;
            }

            var doubled = text[position..irregular].IndexOf("  ");
            var end = doubled < 0 ? irregular : position + doubled;
            // The run may begin with one space before a line end.
            hash.Append(MemoryMarshal.AsBytes(text[position..end].TrimEnd(' ')));
            for (position = end; position < text.Length && char.IsWhiteSpace(text[position]);)
            {
                position++;
            }

            if (position < text.Length)
            {
                hash.Append(MemoryMarshal.AsBytes(" ".AsSpan()));
            }
        }

        return hash.GetCurrentHashAsUInt128();
    }
}
