using System.Text;
using Noos.Core;
using Noos.Core.Storage;
using Noos.Corpus.Cleaning.Signals;

namespace Noos.Corpus.Cleaning;

/// <summary>
/// Pages of a corpus that nobody may use any more (<c>opt-outs.txt</c>): whoever reads the corpus passes over them from that moment on,
/// whether or not it was cleaned again.
/// </summary>
public static class OptOutList
{
    /// <summary>The list of a corpus; empty where it has none.</summary>
    public static AddressList Read(CorpusFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return File.Exists(folder.OptOuts) ? AddressList.Load(folder.OptOuts) : AddressList.Empty;
    }

    /// <summary>Adds patterns; those that are there already are not added again.</summary>
    /// <exception cref="NoosException">A pattern means nothing, or the file cannot be written.</exception>
    public static void Add(CorpusFolder folder, IReadOnlyList<string> patterns)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(patterns);
        foreach (var pattern in patterns)
        {
            if (new AddressList([pattern]).Count == 0 || pattern.AsSpan().ContainsAny('\n', '\r'))
            {
                throw new NoosException($"'{pattern}' names no page and no site; write https://example.org/page or example.org.");
            }
        }

        var lines = File.Exists(folder.OptOuts) ? File.ReadAllLines(folder.OptOuts) : [];
        string[] added = [.. patterns.Except(lines, StringComparer.OrdinalIgnoreCase)];
        if (added.Length > 0)
        {
            AtomicFile.Write(folder.OptOuts, stream =>
                stream.Write(Encoding.UTF8.GetBytes(string.Join('\n', lines.Concat(added)) + "\n")));
        }
    }
}
