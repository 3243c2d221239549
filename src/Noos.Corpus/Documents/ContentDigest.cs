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
    const int BufferLength = 1024;

    public static UInt128 Compute(ReadOnlySpan<char> text)
    {
        var hash = new XxHash128();
        Span<char> buffer = stackalloc char[BufferLength];
        var length = 0;
        var isSpaceDue = false;
        text = text.Trim();
        foreach (var character in text)
        {
            if (char.IsWhiteSpace(character))
            {
                isSpaceDue = true;
                continue;
            }

            // A space and a character may come at once.
            if (length > BufferLength - 2)
            {
                hash.Append(MemoryMarshal.AsBytes(buffer[..length]));
                length = 0;
            }

            if (isSpaceDue)
            {
                buffer[length++] = ' ';
                isSpaceDue = false;
            }

            buffer[length++] = character;
        }

        hash.Append(MemoryMarshal.AsBytes(buffer[..length]));
        return hash.GetCurrentHashAsUInt128();
    }
}
