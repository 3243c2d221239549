namespace Noos.Language.Onnx;

/// <summary>One operation of a graph.</summary>
/// <param name="Operator">What it does, such as "Conv" (https://onnx.ai/onnx/operators).</param>
/// <param name="Inputs">Names of values; an optional input that is left out has an empty one.</param>
/// <param name="Outputs">Names of values.</param>
public sealed record OnnxNode(string Operator, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs)
{
    /// <summary>For messages; may be empty.</summary>
    public string Name { get; init; } = "";

    /// <summary>Whose the operator is: empty for those of the standard.</summary>
    public string Domain { get; init; } = "";

    public IReadOnlyList<OnnxAttributeProto> Attributes { get; init; } = [];

    // NodeProto: input 1, output 2, name 3, op_type 4, attribute 5, domain 7.
    internal static OnnxNode Parse(ProtobufReader reader)
    {
        var (name, type, domain) = ("", "", "");
        var (inputs, outputs, attributes) = (new List<string>(), new List<string>(), new List<OnnxAttributeProto>());
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    inputs.Add(reader.Text());
                    break;
                case 2:
                    outputs.Add(reader.Text());
                    break;
                case 3:
                    name = reader.Text();
                    break;
                case 4:
                    type = reader.Text();
                    break;
                case 5:
                    attributes.Add(OnnxAttributeProto.Parse(reader.Message()));
                    break;
                case 7:
                    domain = reader.Text();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return new OnnxNode(type, inputs, outputs) { Name = name, Domain = domain, Attributes = attributes };
    }
}
