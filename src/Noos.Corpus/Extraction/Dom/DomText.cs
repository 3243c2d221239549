using AngleSharp.Dom;

namespace Noos.Corpus.Extraction.Dom;

/// <summary>Text; neighbours are not joined.</summary>
sealed class DomText(ReadOnlyMemory<char> text) : DomNode
{
    public ReadOnlyMemory<char> Text => text;

    public override NodeFlags Flags => NodeFlags.None;
}
