using AngleSharp;
using AngleSharp.Common;
using AngleSharp.Dom;
using AngleSharp.Html.Construction;
using AngleSharp.Text;

namespace Noos.Corpus.Extraction.Dom;

/// <summary>Makes the nodes of one page that AngleSharp's tree construction asks for.</summary>
sealed class DomFactory : IDomConstructionElementFactory<DomDocument, DomElement>
{
    /// <summary>The page, from the first token on.</summary>
    public DomDocument? Document { get; private set; }

    public DomElement Create(
        DomDocument document, StringOrMemory localName, StringOrMemory prefix = default, NodeFlags flags = NodeFlags.None) =>
        TagTable.Find(localName.Memory.Span) is { } info
            ? document.Add(new DomElement(document, info.Tag, info.Name, info.Flags | flags))
            : CreateUnknown(document, localName);

    public DomElement CreateNoScript(DomDocument document, bool scripting) => Create(document, "noscript");

    public IConstructableNode CreateDocumentType(
        DomDocument document, StringOrMemory name, StringOrMemory publicIdentifier, StringOrMemory systemIdentifier) =>
        new DomText(default);

    // Formulas and drawings hold no text to tell apart; what matters is where HTML begins again within.
    public IConstructableMathElement CreateMath(DomDocument document, StringOrMemory name = default) => document.Add(new DomMath(
        document, name.Memory.Span is "math" ? HtmlTag.Math : HtmlTag.Unknown, name, NodeFlags.MathMember | (name.Memory.Span switch
        {
            "mi" or "mn" or "mo" or "ms" or "mtext" => NodeFlags.MathTip | NodeFlags.Special | NodeFlags.Scoped,
            "annotation-xml" => NodeFlags.Special | NodeFlags.Scoped,
            _ => NodeFlags.None,
        })));

    public IConstructableSvgElement CreateSvg(DomDocument document, StringOrMemory name = default) => document.Add(new DomSvg(
        document, name.Memory.Span is "svg" ? HtmlTag.Svg : HtmlTag.Unknown, name, NodeFlags.SvgMember | (name.Memory.Span switch
        {
            "foreignObject" or "desc" or "title" => NodeFlags.HtmlTip | NodeFlags.Special | NodeFlags.Scoped,
            _ => NodeFlags.None,
        })));

    public IConstructableMetaElement CreateMeta(DomDocument document) => document.Add(new DomMeta(document, TagTable.Find("meta")!));

    public IConstructableScriptElement CreateScript(DomDocument document, bool parserInserted, bool started) =>
        document.Add(new DomScript(document, TagTable.Find("script")!));

    public IConstructableFrameElement CreateFrame(DomDocument document) => document.Add(new DomFrame(document, TagTable.Find("frame")!));

    public IConstructableTemplateElement CreateTemplate(DomDocument document) =>
        document.Add(new DomTemplate(document, TagTable.Find("template")!));

    public IConstructableFormElement CreateForm(DomDocument document) => document.Add(new DomForm(document, TagTable.Find("form")!));

    public DomElement CreateUnknown(DomDocument document, StringOrMemory tagName) =>
        document.Add(new DomElement(document, HtmlTag.Unknown, tagName, NodeFlags.HtmlMember));

    public DomDocument CreateDocument(TextSource source, IBrowsingContext? context = null) => Document = new DomDocument(source);
}
