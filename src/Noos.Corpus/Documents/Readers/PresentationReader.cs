using System.Text;
using System.Xml;
using Noos.Corpus.Documents.Packing;

namespace Noos.Corpus.Documents.Readers;

/// <summary>
/// Format <c>pptx</c>: the slides of a PowerPoint presentation in their order, each with its notes. Holds one slide in memory.
/// </summary>
/// <remarks>Read with the XML reader of the framework, for the reason that <see cref="SpreadsheetReader"/> has.</remarks>
public sealed class PresentationReader(ReadLimits? limits = null) : SequentialReader(limits ?? ReadLimits.Default)
{
    const int MaxSlideLength = 1 << 20;

    public override string Name => "pptx";

    public override bool Reads(string format) => base.Reads(format) || format == FileFormat.Presentation.MediaType;

    protected override IEnumerable<Document> Read(
        Stream content, DocumentOrigin origin, DocumentPlace? from, CancellationToken cancellationToken)
    {
        using var package = PackedFile.Open(content, NameOf(origin), Limits);
        var part = package.MainPart ?? "ppt/presentation.xml";
        var parts = package.Relationships(part);
        var number = 0;
        foreach (var id in ReadSlideIds(package, part))
        {
            number++;
            if (!parts.TryGetValue(id, out var slide) || !package.Has(slide.Target) || number < from?.First)
            {
                continue;
            }

            cancellationToken.ThrowIfCancellationRequested();
            var (title, text) = ReadShapes(package, slide.Target, isNotes: false);
            var notes = package.Relationships(slide.Target).Values
                .FirstOrDefault(one => one.Type.EndsWith("/notesSlide", StringComparison.Ordinal)).Target;
            if (notes is not null && package.Has(notes) && ReadShapes(package, notes, isNotes: true).Text is { Length: > 0 } said)
            {
                text += $"\nNotes: {said}";
            }

            yield return new Document(origin.At(number), text.Trim(), title)
            {
                Place = new DocumentPlace("slide", number, number),
                Level = title is null ? 0 : 1,
            };
        }
    }

    List<string> ReadSlideIds(PackedFile package, string part)
    {
        var ids = new List<string>();
        using var xml = package.OpenXml(part);
        while (xml.Advance(Limits))
        {
            // "id" without a namespace is a number of its own; the one that leads to the slide has one.
            if (xml.NodeType == XmlNodeType.Element && xml.LocalName == "sldId" && ids.Count < Limits.MaxEntries
                && RelationshipId(xml) is { } id)
            {
                ids.Add(id);
            }
        }

        return ids;
    }

    static string? RelationshipId(XmlReader xml)
    {
        string? id = null;
        while (xml.MoveToNextAttribute())
        {
            id = xml.LocalName == "id" && xml.NamespaceURI.Length > 0 ? xml.Value : id;
        }

        xml.MoveToElement();
        return id;
    }

    (string? Title, string Text) ReadShapes(PackedFile package, string part, bool isNotes)
    {
        using var xml = package.OpenXml(part);
        var (all, line, title) = (new StringBuilder(), new StringBuilder(), new StringBuilder());
        var (isText, isTitle, isLeftOut, isCell) = (false, false, false, false);
        while (xml.Advance(Limits))
        {
            switch (xml.NodeType)
            {
                case XmlNodeType.Element when xml.LocalName == "Fallback":
                    xml.Skip();
                    break;
                case XmlNodeType.Element when xml.LocalName == "sp":
                    (isTitle, isLeftOut) = (false, false);
                    break;
                case XmlNodeType.Element when xml.LocalName == "ph":
                    var kind = xml.GetAttribute("type");
                    isTitle = kind is "title" or "ctrTitle";
                    // Numbers and dates of the layout; of notes all but their text.
                    isLeftOut = kind is "sldNum" or "dt" or "ftr" || (isNotes && kind != "body");
                    break;
                case XmlNodeType.Element when xml.LocalName == "t":
                    isText = !xml.IsEmptyElement;
                    break;
                case XmlNodeType.Element when xml.LocalName == "br":
                    line.Append('\n');
                    break;
                case XmlNodeType.EndElement when xml.LocalName == "t":
                    isText = false;
                    break;
                case XmlNodeType.Element when xml.LocalName == "tc":
                    isCell = true;
                    break;
                case XmlNodeType.EndElement when xml.LocalName == "tc":
                    isCell = false;
                    Replace(line, all, " | ");
                    break;
                case XmlNodeType.EndElement when xml.LocalName == "tr":
                    all.Append('\n');
                    break;
                case XmlNodeType.EndElement when xml.LocalName == "p" && isCell:
                    line.Append(' ');
                    break;
                case XmlNodeType.EndElement when xml.LocalName == "p" && line.Length > 0:
                    if (isTitle)
                    {
                        title.Append(title.Length > 0 ? " " : "").Append(line);
                    }

                    Replace(line, all, "\n");
                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace
                    when isText && !isLeftOut:
                    xml.AppendValue(line, MaxSlideLength);
                    break;
                default:
                    break;
            }
        }

        return (title.Length > 0 ? title.ToString().Trim() : null, all.ToString().Trim());

        static void Replace(StringBuilder line, StringBuilder all, string end)
        {
            if (all.Length < MaxSlideLength)
            {
                all.Append(line).Append(end);
            }

            line.Clear();
        }
    }
}
