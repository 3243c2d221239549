using Noos.Core.Text;
using Noos.Core;
using Noos.Core.Storage;

namespace Noos.Corpus.Cleaning.Signals;

/// <summary>Words and phrases that are counted in documents, one on a line, without regard to case. Immutable; thread-safe.</summary>
public sealed class WordList
{
    readonly HashSet<string> _words;
    readonly int _longest;

    public WordList(IEnumerable<string> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        _words = new(StringComparer.Ordinal);
        foreach (var line in lines.Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#'))
        {
            var words = Words(line);
            _longest = Math.Max(_longest, words.Length);
            _words.Add(string.Join(' ', words));
        }
    }

    public static WordList Empty { get; } = new([]);

    public int Count => _words.Count;

    /// <exception cref="NoosException">There is no such file.</exception>
    public static WordList Load(string path)
    {
        RegularFile.Require(path);
        return File.Exists(path)
            ? new WordList(File.ReadLines(path))
            : throw new NoosException(ErrorKind.NotFound, $"There is no list '{path}'; check its name.");
    }

    /// <summary>How often words of the list stand in a text.</summary>
    public int CountIn(string text)
    {
        if (_words.Count == 0)
        {
            return 0;
        }

        var words = Words(text);
        var found = 0;
        for (var i = 0; i < words.Length; i++)
        {
            for (var length = 1; length <= _longest && i + length <= words.Length; length++)
            {
                found += _words.Contains(length == 1 ? words[i] : string.Join(' ', words, i, length)) ? 1 : 0;
            }
        }

        return found;
    }

    static string[] Words(string text) =>
    [
        .. TextWords.Split(text).Select(range => text[range]).Where(word => TextWords.IsWord(word))
            .Select(word => word.ToLowerInvariant()),
    ];
}
