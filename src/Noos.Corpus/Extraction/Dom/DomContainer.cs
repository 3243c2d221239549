using System.Collections;
using AngleSharp.Common;
using AngleSharp.Html.Construction;

namespace Noos.Corpus.Extraction.Dom;

/// <summary>A node with children.</summary>
abstract class DomContainer : DomNode, IConstructableNodeList
{
    internal static readonly IConstructableNodeList Empty = new EmptyList();

    DomNode[] _children = [];

    /// <summary>Elements above it, the document not counted; set when it is added.</summary>
    public int Depth { get; protected set; } = -1;

    public ReadOnlySpan<DomNode> Nodes => _children.AsSpan(0, Length);

    public int Length { get; private set; }

    IConstructableNode IConstructableNodeList.this[int index] =>
        index < Length ? _children[index] : throw new ArgumentOutOfRangeException(nameof(index));

    protected override IConstructableNodeList Children => this;

    public override void AddNode(IConstructableNode node) => InsertNode(Length, node);

    public override void InsertNode(int idx, IConstructableNode childNode)
    {
        var child = (DomNode)childNode;
        if (Length == _children.Length)
        {
            Array.Resize(ref _children, Math.Max(4, Length * 2));
        }

        _children.AsSpan(idx, Length - idx).CopyTo(_children.AsSpan(idx + 1));
        _children[idx] = child;
        Length++;
        child.Parent = this;
        if (child is DomContainer container)
        {
            // Of what is moved with its children only the top is right; depth is a guard, not a measure.
            container.Depth = Depth + 1;
        }
    }

    public override void RemoveChild(IConstructableNode childNode)
    {
        var index = Array.LastIndexOf(_children, (DomNode)childNode, Length - 1);
        if (index >= 0)
        {
            RemoveNode(index, childNode);
        }
    }

    public override void RemoveNode(int idx, IConstructableNode childNode)
    {
        _children.AsSpan(idx + 1, Length - idx - 1).CopyTo(_children.AsSpan(idx));
        _children[--Length] = null!;
        childNode.Parent = null;
    }

    // White space between inline elements separates words, so it is kept whatever the builder asks for.
    public override void AppendText(StringOrMemory text, bool emitWhiteSpaceOnly = false) => AddNode(new DomText(text.Memory));

    public override void InsertText(int idx, StringOrMemory text, bool emitWhiteSpaceOnly = false) =>
        InsertNode(idx, new DomText(text.Memory));

    public void Clear()
    {
        foreach (var child in Nodes)
        {
            child.Parent = null;
        }

        (_children, Length) = ([], 0);
    }

    public IEnumerator<IConstructableNode> GetEnumerator() => _children.Take(Length).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    sealed class EmptyList : IConstructableNodeList
    {
        public int Length => 0;

        public IConstructableNode this[int index] => throw new ArgumentOutOfRangeException(nameof(index));

        public void Clear()
        {
        }

        public IEnumerator<IConstructableNode> GetEnumerator() => Enumerable.Empty<IConstructableNode>().GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
