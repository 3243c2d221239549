using AngleSharp.Common;
using AngleSharp.Dom;
using AngleSharp.Html.Construction;

namespace Noos.Corpus.Extraction.Dom;

/// <summary>
/// A node of a page as AngleSharp's tree construction makes it: only what extraction needs, so that a page costs a fraction of its full
/// DOM.
/// </summary>
abstract class DomNode : IConstructableNode
{
    public DomContainer? Parent { get; set; }

    public abstract NodeFlags Flags { get; }

    public virtual StringOrMemory NodeName => StringOrMemory.Empty;

    IConstructableNode? IConstructableNode.Parent
    {
        get => Parent;
        set => Parent = (DomContainer?)value;
    }

    IConstructableNodeList IConstructableNode.ChildNodes => Children;

    protected virtual IConstructableNodeList Children => DomContainer.Empty;

    public void RemoveFromParent() => Parent?.RemoveChild(this);

    public virtual void RemoveChild(IConstructableNode childNode) => throw new NotSupportedException();

    public virtual void RemoveNode(int idx, IConstructableNode childNode) => throw new NotSupportedException();

    public virtual void InsertNode(int idx, IConstructableNode childNode) => throw new NotSupportedException();

    public virtual void AddNode(IConstructableNode node) => throw new NotSupportedException();

    public virtual void AppendText(StringOrMemory text, bool emitWhiteSpaceOnly = false) => throw new NotSupportedException();

    public virtual void InsertText(int idx, StringOrMemory text, bool emitWhiteSpaceOnly = false) => throw new NotSupportedException();
}
