using AngleSharp.Common;
using AngleSharp.Dom;
using AngleSharp.Html.Construction;
using AngleSharp.Html.Parser.Tokens.Struct;

namespace Noos.Corpus.Extraction.Dom;

/// <summary>An element. Tree construction asks for the kind of a few by interface and for the rest by flags.</summary>
class DomElement(DomDocument document, HtmlTag tag, StringOrMemory localName, NodeFlags flags) : DomContainer, IConstructableElement
{
    readonly DomAttributes _attributes = new();

    public HtmlTag Tag => tag;

    /// <summary>What belongs to the element in the analysis of blocks; set by it.</summary>
    public int Index { get; set; } = -1;

    public override NodeFlags Flags => flags;

    public StringOrMemory LocalName => localName;

    public override StringOrMemory NodeName => localName;

    public StringOrMemory NamespaceUri => flags.HasFlag(NodeFlags.HtmlMember) ? NamespaceNames.HtmlUri
        : flags.HasFlag(NodeFlags.SvgMember) ? NamespaceNames.SvgUri
        : flags.HasFlag(NodeFlags.MathMember) ? NamespaceNames.MathMlUri
        : StringOrMemory.Empty;

    public StringOrMemory Prefix => StringOrMemory.Empty;

    public IConstructableNamedNodeMap Attributes => _attributes;

    public ISourceReference? SourceReference { get; set; }

    /// <summary>The value of an attribute; null where it has none of that name.</summary>
    public ReadOnlyMemory<char>? this[string name] => _attributes[name];

    public string? Text(string name) => _attributes[name] is { } value ? value.ToString() : null;

    public void SetAttribute(string? namespaceUri, StringOrMemory name, StringOrMemory value) => _attributes.Set(name, value);

    public void SetOwnAttribute(StringOrMemory name, StringOrMemory value) => _attributes.Set(name, value);

    public StringOrMemory GetAttribute(StringOrMemory namespaceUri, StringOrMemory localName) =>
        _attributes[localName]?.Value ?? StringOrMemory.Empty;

    public void SetAttributes(StructAttributes tagAttributes) => _attributes.Set(tagAttributes);

    public bool HasAttribute(StringOrMemory name) => _attributes[name] is not null;

    public void SetupElement()
    {
    }

    public void AddComment(ref StructHtmlToken token)
    {
    }

    public IConstructableNode ShallowCopy()
    {
        var copy = document.Add(new DomElement(document, tag, localName, flags));
        copy._attributes.CopyFrom(_attributes);
        return copy;
    }
}
