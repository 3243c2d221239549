using System.IO.Compression;
using Noos.Core;
using Noos.Core.Text;
using Noos.Corpus.Documents.Packing;

namespace Noos.Corpus.Documents.Readers;

/// <summary>
/// Format <c>zip</c>: the files in an archive, each read by the reader of its own content. What cannot be read says so in one sentence and
/// does not keep the others from being read.
/// </summary>
/// <param name="readers">Those of the entries.</param>
/// <param name="limits">What a file may cost.</param>
/// <param name="level">Archives around this one, itself included.</param>
public sealed class ZipReader(DocumentReaderRegistry readers, ReadLimits? limits = null, int level = 1)
    : SequentialReader(limits ?? ReadLimits.Default)
{
    public override string Name => "zip";

    public override bool Reads(string format) => base.Reads(format) || format == FileFormat.Zip.MediaType;

    protected override DocumentOutline Outline(Stream content, DocumentOrigin origin)
    {
        using var package = PackedFile.Open(content, NameOf(origin), Limits);
        var files = Files(package).ToArray();
        return new DocumentOutline(
            $"{files.Length} file{(files.Length == 1 ? "" : "s")}, {ByteSize.Format(files.Sum(file => file.Length))} unpacked",
            [.. files.Select(file => new DocumentOutlineItem(WithinOf(file), ByteSize.Format(file.Length)))]);
    }

    protected override IEnumerable<Document> Read(
        Stream content, DocumentOrigin origin, DocumentPlace? from, CancellationToken cancellationToken)
    {
        using var package = PackedFile.Open(content, NameOf(origin), Limits);
        foreach (var file in Files(package))
        {
            var within = WithinOf(file);
            if (from?.Within is { } wanted && !wanted.StartsWith(within, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            cancellationToken.ThrowIfCancellationRequested();
            var rest = from is null || from.Within!.Length <= within.Length ? null : from.Within[within.Length..].TrimStart(',', ' ');
            using var documents = ReadEntry(
                package, file, origin, from is null ? null : @from with { Within = rest }, cancellationToken).GetEnumerator();
            while (true)
            {
                Document document;
                try
                {
                    if (!documents.MoveNext())
                    {
                        break;
                    }

                    document = documents.Current;
                }
                catch (Exception exception) when (exception is NoosException or InvalidDataException or IOException)
                {
                    document = Note(origin, exception is NoosException ? exception.Message : $"'{file.FullName}' is damaged.");
                }

                yield return document with { Place = (document.Place ?? new DocumentPlace("part", 1, 1)).In(within) };
                if (document.Title == Unread)
                {
                    break;
                }
            }
        }
    }

    const string Unread = "(not read)";

    IEnumerable<Document> ReadEntry(
        PackedFile package, ZipArchiveEntry entry, DocumentOrigin origin, DocumentPlace? from, CancellationToken cancellationToken)
    {
        using var packed = package.OpenEntry(entry);
        using var content = SeekableContent.From(packed, entry.Name, Limits, cancellationToken);
        var format = FileFormats.Find(content, entry.Name);
        if (format.Refuse(entry.Name) is { } refusal)
        {
            yield return Note(origin, refusal);
            yield break;
        }

        if (format == FileFormat.Zip && level >= Limits.MaxNesting)
        {
            yield return Note(origin, $"'{entry.Name}' is an archive within {level} others, deeper than is read; unpack it first.");
            yield break;
        }

        var reader = format == FileFormat.Zip ? new ZipReader(readers, Limits, level + 1) : readers.Get(format.Name);
        var inner = origin with { Address = $"{origin.Address}/{entry.FullName}" };
        var documents = from is null
            ? reader.ReadAsync(content, inner, cancellationToken)
            : reader.ReadFromAsync(content, inner, from, cancellationToken);
        foreach (var document in documents.ToBlockingEnumerable(cancellationToken))
        {
            yield return document;
        }
    }

    static Document Note(DocumentOrigin origin, string sentence) => new(origin, sentence, Unread);

    static string WithinOf(ZipArchiveEntry entry) => $"entry {entry.FullName}";

    // What macOS adds of its own is for nobody to read.
    static IEnumerable<ZipArchiveEntry> Files(PackedFile package) => package.Entries
        .Where(entry => entry.Name.Length > 0 && !entry.FullName.StartsWith("__MACOSX/", StringComparison.Ordinal)
            && entry.Name != ".DS_Store");
}
