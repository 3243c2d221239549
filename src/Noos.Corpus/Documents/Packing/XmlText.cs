using System.Text;
using System.Xml;
using Noos.Core;

namespace Noos.Corpus.Documents.Packing;

/// <summary>Reads XML of strangers piece by piece.</summary>
static class XmlText
{
    /// <summary>Reads on, and refuses what is nested without end.</summary>
    /// <exception cref="NoosException">It is nested deeper than the limit (Invalid).</exception>
    public static bool Advance(this XmlReader xml, ReadLimits limits) => xml.Read()
        && (xml.Depth <= limits.MaxDepth ? true : throw new NoosException(
            $"The document is nested deeper than {limits.MaxDepth} levels, which no program that people use writes; save it as text."));

    /// <summary>Appends the text node that the reader stands on, up to a limit.</summary>
    /// <param name="xml">Stands on text.</param>
    /// <param name="text">Gets it.</param>
    /// <param name="maxLength">No more is appended where the text is as long as this.</param>
    public static void AppendValue(this XmlReader xml, StringBuilder text, int maxLength)
    {
        // Value would be the whole node as one string.
        var chunk = new char[512];
        while (text.Length < maxLength
            && xml.ReadValueChunk(chunk, 0, Math.Min(chunk.Length, maxLength - text.Length)) is > 0 and var count)
        {
            text.Append(chunk, 0, count);
        }
    }

    public static bool IsText(this XmlReader xml) => xml.NodeType is XmlNodeType.Text or XmlNodeType.CDATA
        or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace;

    /// <summary>An attribute by its local name, whatever its namespace: strict and transitional files differ in that alone.</summary>
    public static string? Attribute(this XmlReader xml, string localName)
    {
        string? value = null;
        if (xml.MoveToFirstAttribute())
        {
            do
            {
                if (xml.LocalName == localName && xml.Prefix != "xmlns")
                {
                    value = xml.Value;
                    break;
                }
            }
            while (xml.MoveToNextAttribute());
            xml.MoveToElement();
        }

        return value;
    }
}
