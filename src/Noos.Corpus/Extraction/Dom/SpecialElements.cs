using AngleSharp.Common;
using AngleSharp.Dom;
using AngleSharp.Html.Construction;

namespace Noos.Corpus.Extraction.Dom;

/// <summary>An element whose content is kept for scripts; tree construction finds its end by its type.</summary>
sealed class DomTemplate(DomDocument document, TagInfo info)
    : DomElement(document, info.Tag, info.Name, info.Flags), IConstructableTemplateElement
{
    public void PopulateFragment()
    {
    }
}

/// <summary>A script, which is not run.</summary>
sealed class DomScript(DomDocument document, TagInfo info)
    : DomElement(document, info.Tag, info.Name, info.Flags), IConstructableScriptElement
{
    public Task RunAsync(CancellationToken cancel) => Task.CompletedTask;

    public bool Prepare(IConstructableDocument document) => false;
}

sealed class DomMeta(DomDocument document, TagInfo info) : DomElement(document, info.Tag, info.Name, info.Flags), IConstructableMetaElement
{
    // The encoding is known before a page is parsed.
    public void Handle()
    {
    }
}

sealed class DomFrame(DomDocument document, TagInfo info)
    : DomElement(document, info.Tag, info.Name, info.Flags), IConstructableFrameElement;

sealed class DomForm(DomDocument document, TagInfo info)
    : DomElement(document, info.Tag, info.Name, info.Flags), IConstructableFormElement;

/// <summary>A part of a formula.</summary>
sealed class DomMath(DomDocument document, HtmlTag tag, StringOrMemory name, NodeFlags flags)
    : DomElement(document, tag, name, flags), IConstructableMathElement;

/// <summary>A part of a drawing.</summary>
sealed class DomSvg(DomDocument document, HtmlTag tag, StringOrMemory name, NodeFlags flags)
    : DomElement(document, tag, name, flags), IConstructableSvgElement;
