using UglyToad.PdfPig;
using UglyToad.PdfPig.DocumentLayoutAnalysis.TextExtractor;
using UglyToad.PdfPig.Exceptions;
using UglyToad.PdfPig.Outline;
using Noos.Core;

namespace Noos.Corpus.Documents.Readers;

/// <summary>
/// Format <c>pdf</c>: the text of each page, in reading order, read by PdfPig. A page that is only a picture has none. Goes to any page
/// directly; holds one in memory.
/// </summary>
public sealed class PdfReader(ReadLimits? limits = null) : SequentialReader(limits ?? ReadLimits.Default)
{
    const int MaxBookmarks = 1000;

    public override string Name => "pdf";

    public override bool Reads(string format) => base.Reads(format) || format == FileFormat.Pdf.MediaType;

    protected override DocumentOutline Outline(Stream content, DocumentOrigin origin)
    {
        using var pdf = Open(content, origin);
        var bookmarks = pdf.TryGetBookmarks(out var found)
            ? found.GetNodes().Take(MaxBookmarks).Select(node => new DocumentOutlineItem(
                node is DocumentBookmarkNode { PageNumber: > 0 and var page } ? new DocumentPlace("page", page, page).ToString() : null,
                node.Title.Trim(), node.Level + 1)).Where(item => item.Title.Length > 0).ToArray()
            : [];
        return new DocumentOutline($"{pdf.NumberOfPages} page{(pdf.NumberOfPages == 1 ? "" : "s")}", bookmarks);
    }

    protected override IEnumerable<Document> Read(
        Stream content, DocumentOrigin origin, DocumentPlace? from, CancellationToken cancellationToken)
    {
        using var pdf = Open(content, origin);
        for (var number = Math.Max(1, from?.First ?? 1); number <= pdf.NumberOfPages; number++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return new Document(origin.At(number), TextOf(pdf, number))
            {
                Place = new DocumentPlace("page", number, number),
            };
        }
    }

    static string TextOf(PdfDocument pdf, int number)
    {
        try
        {
            return ContentOrderTextExtractor.GetText(pdf.GetPage(number)).Trim();
        }
#pragma warning disable CA1031 // A page that is damaged does not keep the others from being read.
        catch (Exception exception) when (exception is not (NoosException or OutOfMemoryException))
#pragma warning restore CA1031
        {
            return "(This page is damaged.)";
        }
    }

    PdfDocument Open(Stream content, DocumentOrigin origin)
    {
        try
        {
            return PdfDocument.Open(content, new ParsingOptions
            {
                UseLenientParsing = true,
                SkipMissingFonts = true,
                MaxStackDepth = Limits.MaxDepth,
                FilterProvider = new LimitedFilterProvider(Limits.MaxWholeLength, NameOf(origin)),
            });
        }
        catch (PdfDocumentEncryptedException exception)
        {
            throw new NoosException(ErrorKind.Refused, $"'{NameOf(origin)}' has a password; save it without one.", exception);
        }
    }
}
