using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Noos.Corpus.Documents;

namespace Noos.Tools.Files;

/// <summary>Reads parts of a file, and finds words in it. Every passage stands behind its place, so that answers can cite it.</summary>
/// <param name="file">The file.</param>
/// <param name="options">What a call may cost.</param>
/// <param name="timeProvider">The clock of the time limit.</param>
sealed class FilePassages(DocumentFile file, FileToolOptions options, TimeProvider timeProvider)
{
    const int SnippetLength = 240;

    // For places, and the sentence that says where it goes on.
    const int Room = 200;

    readonly long _started = timeProvider.GetTimestamp();
    readonly int _maxLength = Math.Max(100, options.MaxLength - Room);

    bool IsTimeOver => timeProvider.GetElapsedTime(_started) > options.MaxTime;

    /// <summary>As much from a place on as fits; null where there is no such part.</summary>
    public async Task<string?> ReadAsync(FilePlaceRequest request, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        DocumentPlace? begun = null;
        DocumentPlace? last = null;
        var run = new StringBuilder();
        await foreach (var piece in PiecesAsync(request, cancellationToken))
        {
            if (piece.Place.First > request.Last)
            {
                break;
            }

            // A row or line joins those before it; a page has its place of its own.
            var isSame = last is not null && piece.Place.Within == last.Within && IsCounted(piece.Place)
                && piece.Place.First - last.First is 0 or 1;
            var header = isSame ? null : piece.Header;
            if (text.Length + run.Length + piece.Text.Length + (header?.Length ?? 0) > _maxLength && last is not null)
            {
                End();
                var part = piece.Number > 1 ? $" part {piece.Number}" : "";
                return $"{text}(More: \"{ReadFileTool.At}\": \"{piece.Place}{part}\")";
            }

            if (!isSame)
            {
                End();
                begun = piece.Place;
                run.Append(header is null ? "" : $"{header}\n");
            }

            run.Append(piece.Text).Append('\n');
            last = piece.Place;
        }

        End();
        return text.Length > 0 ? text.ToString().TrimEnd() : null;

        void End()
        {
            if (begun is not null)
            {
                var content = run.ToString().Trim('\n');
                // Before the text grows: the first place also names the file.
                var name = text.Length == 0 ? $"{file.Name}, " : "";
                text.Append($"[{name}{begun with { Last = last!.Last }}]\n")
                    .Append(content.Length == 0 ? "(There is no text here.)" : content).Append('\n');
                run.Clear();
                begun = null;
            }
        }
    }

    /// <summary>Where the words are.</summary>
    public async Task<string> SearchAsync(string words, CancellationToken cancellationToken)
    {
        var terms = words.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var text = new StringBuilder();
        var (found, shown, isOver) = (0, 0, false);
        await foreach (var document in file.ReadAsync(cancellationToken: cancellationToken))
        {
            foreach (var (place, passage) in UnitsOf(document))
            {
                if (!Array.TrueForAll(terms, term => passage.Contains(term, StringComparison.OrdinalIgnoreCase)))
                {
                    continue;
                }

                found++;
                var line = $"[{place}] {Snippet(passage, terms)}\n";
                if (shown < options.MaxHits && text.Length + line.Length <= _maxLength)
                {
                    text.Append(line);
                    shown++;
                }
            }

            if (isOver = IsTimeOver)
            {
                break;
            }
        }

        var where = isOver ? $"in the part of {file.Name} that could be searched in {options.MaxTime.TotalSeconds:0} s" : $"in {file.Name}";
        return found == 0
            ? $"\"{words}\" is nowhere {where}; try fewer or other words."
            : string.Create(
                CultureInfo.InvariantCulture,
                $"\"{words}\" is {found} time{(found == 1 ? "" : "s")} {where}"
                + $"{(shown < found ? $", of which {shown} are shown" : "")}:\n{text}").TrimEnd();
    }

    /// <summary>What is wanted, in pieces of which each fits into a result.</summary>
    async IAsyncEnumerable<Piece> PiecesAsync(FilePlaceRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        DocumentPlace? last = null;
        var number = 0;
        await foreach (var document in file.ReadAsync(request.ToPlace(), cancellationToken))
        {
            if (!request.IsWithin(document.Place) || document.Place?.Last < request.First)
            {
                if (IsTimeOver)
                {
                    yield break;
                }

                continue;
            }

            foreach (var (place, text) in UnitsOf(document).Where(unit => request.First is null || unit.Place.First >= request.First))
            {
                for (var at = 0; at == 0 || at < text.Length; at += _maxLength)
                {
                    // A line that was cut when it was read comes as several units with the same number.
                    number = place == last ? number + 1 : 1;
                    last = place;
                    if (number >= request.Piece || place.First > request.First)
                    {
                        yield return new Piece(
                            place, number, text.Substring(at, Math.Min(_maxLength, text.Length - at)),
                            place.Unit == "row" ? document.Rows?.Header : null);
                    }
                }
            }
        }
    }

    /// <summary>What is counted, searched and cited as one: a line, a row, else a page or section.</summary>
    static IEnumerable<(DocumentPlace Place, string Text)> UnitsOf(Document document)
    {
        var place = document.Place ?? new DocumentPlace("part", 1, 1);
        if (!IsCounted(place))
        {
            yield return (place, document.Text);
            yield break;
        }

        var number = place.First;
        foreach (var line in document is { Rows: { } rows, Place.Unit: "row" }
            ? rows.Cells.Select(TableRows.Line)
            : document.Text.Split('\n'))
        {
            yield return (place with { First = number, Last = number }, line);
            number++;
        }
    }

    static bool IsCounted(DocumentPlace place) => place.Unit is "line" or "record" or "row";

    static string Snippet(string passage, string[] terms)
    {
        var at = terms.Length == 0 ? 0 : Math.Max(0, passage.IndexOf(terms[0], StringComparison.OrdinalIgnoreCase));
        var start = Math.Max(0, at - (SnippetLength / 3));
        var end = Math.Min(passage.Length, start + SnippetLength);
        return $"{(start > 0 ? "..." : "")}{passage[start..end].ReplaceLineEndings(" ").Trim()}{(end < passage.Length ? "..." : "")}";
    }

    /// <summary>A line, row or page, or a part of a long one.</summary>
    sealed record Piece(DocumentPlace Place, int Number, string Text, string? Header);
}
