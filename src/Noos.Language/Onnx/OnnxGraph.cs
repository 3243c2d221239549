namespace Noos.Language.Onnx;

/// <summary>What a model computes: nodes in an order in which each comes after those whose values it reads.</summary>
public sealed record OnnxGraph
{
    public IReadOnlyList<OnnxNode> Nodes { get; init; } = [];

    /// <summary>The weights and other constants.</summary>
    public IReadOnlyList<OnnxTensor> Constants { get; init; } = [];

    /// <summary>Names of the values that a run is given; older files list constants among them too.</summary>
    public IReadOnlyList<string> Inputs { get; init; } = [];

    public IReadOnlyList<string> Outputs { get; init; } = [];

    // GraphProto: node 1, initializer 5, input 11, output 12; ValueInfoProto: name 1.
    internal static OnnxGraph Parse(ProtobufReader reader)
    {
        var (nodes, constants) = (new List<OnnxNode>(), new List<OnnxTensor>());
        var (inputs, outputs) = (new List<string>(), new List<string>());
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    nodes.Add(OnnxNode.Parse(reader.Message()));
                    break;
                case 5:
                    constants.Add(OnnxTensor.Parse(reader.Message()));
                    break;
                case 11:
                    inputs.Add(NameOf(reader.Message()));
                    break;
                case 12:
                    outputs.Add(NameOf(reader.Message()));
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return new OnnxGraph { Nodes = nodes, Constants = constants, Inputs = inputs, Outputs = outputs };
    }

    static string NameOf(ProtobufReader reader)
    {
        var name = "";
        while (reader.Next())
        {
            if (reader.Field == 1)
            {
                name = reader.Text();
            }
            else
            {
                reader.Skip();
            }
        }

        return name;
    }
}
