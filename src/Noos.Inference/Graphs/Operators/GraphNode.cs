using Noos.Language.Onnx;

namespace Noos.Inference.Graphs.Operators;

/// <summary>A node, prepared: names are numbers of slots, and what can be computed from constants alone has been.</summary>
sealed class GraphNode
{
    readonly OnnxNode _node;
    readonly Dictionary<string, OnnxAttributeProto> _attributes;

    public GraphNode(OnnxNode node, GraphOperator run, int[] inputs, int[] outputs)
    {
        (_node, Run, Inputs, Outputs) = (node, run, inputs, outputs);
        _attributes = node.Attributes.DistinctBy(attribute => attribute.Name).ToDictionary(a => a.Name, StringComparer.Ordinal);
        LastUses = new bool[inputs.Length];
    }

    public string Operator => _node.Operator;

    public string Name => _node.Name.Length > 0 ? _node.Name : _node.Outputs.FirstOrDefault("");

    public GraphOperator Run { get; set; }

    /// <summary>A slot per input; -1 for one that is left out.</summary>
    public int[] Inputs { get; }

    /// <summary>A slot per output; -1 for one that nobody wants.</summary>
    public int[] Outputs { get; }

    /// <summary>Whether nobody reads an input after this node.</summary>
    public bool[] LastUses { get; }

    /// <summary>What the operator made of constants before the first run, such as packed weights; null for nothing.</summary>
    public object? Prepared { get; set; }

    /// <summary>Slope of a leaky rectifier before the node that the node applies itself; 1 for none.</summary>
    public float InputSlope { get; set; } = 1;

    public bool IsLastUse(int input) => input >= 0 && LastUses[input];

    public long Integer(string name, long otherwise) => _attributes.TryGetValue(name, out var found) ? found.IntegerValue : otherwise;

    public float Single(string name, float otherwise) => _attributes.TryGetValue(name, out var found) ? found.FloatValue : otherwise;

    public string Text(string name, string otherwise) => _attributes.TryGetValue(name, out var found) ? found.Text : otherwise;

    public OnnxTensor? Tensor(string name) => _attributes.GetValueOrDefault(name)?.Tensor;

    /// <summary>A list of numbers; null where it is left out.</summary>
    public IReadOnlyList<long>? Integers(string name) => _attributes.GetValueOrDefault(name)?.Integers;
}
