namespace Noos.Language.Onnx;

/// <summary>A named constant of a node. Which of the values counts, the operator knows.</summary>
public sealed record OnnxAttributeProto(string Name)
{
    public float FloatValue { get; init; }

    public long IntegerValue { get; init; }

    public string Text { get; init; } = "";

    /// <summary>Null where there is none.</summary>
    public OnnxTensor? Tensor { get; init; }

    public IReadOnlyList<long> Integers { get; init; } = [];

    public IReadOnlyList<float> Singles { get; init; } = [];

    /// <summary>It holds a graph of its own, as branches and loops do.</summary>
    public bool HasGraph { get; init; }

    // AttributeProto: name 1, f 2, i 3, s 4, t 5, g 6, floats 7, ints 8, graphs 11.
    internal static OnnxAttributeProto Parse(ProtobufReader reader)
    {
        var attribute = new OnnxAttributeProto("");
        var (integers, singles) = (new List<long>(), new List<float>());
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    attribute = attribute with { Name = reader.Text() };
                    break;
                case 2:
                    attribute = attribute with { FloatValue = reader.Single() };
                    break;
                case 3:
                    attribute = attribute with { IntegerValue = reader.Integer() };
                    break;
                case 4:
                    attribute = attribute with { Text = reader.Text() };
                    break;
                case 5:
                    attribute = attribute with { Tensor = OnnxTensor.Parse(reader.Message()) };
                    break;
                case 7:
                    reader.AddSingles(singles);
                    break;
                case 8:
                    reader.AddIntegers(integers);
                    break;
                case 6 or 11:
                    attribute = attribute with { HasGraph = true };
                    reader.Skip();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return attribute with { Integers = integers, Singles = singles };
    }
}
