using System.Buffers.Binary;
using System.Text;

namespace Noos.Language.Onnx;

/// <summary>Writes models as ONNX files: what exporters and stand-ins for published models need of the format, and no more.</summary>
public static class OnnxWriter
{
    /// <summary>The bytes of a model.</summary>
    public static byte[] Write(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Message(file =>
        {
            // The edition of the format itself: 8 is that of operator set 15.
            file.Integer(1, 8);
            file.Bytes(7, Graph(model.Graph));
            file.Bytes(8, Message(opset => opset.Integer(2, model.OpsetVersion)));
        });
    }

    static byte[] Graph(OnnxGraph graph) => Message(writer =>
    {
        foreach (var node in graph.Nodes)
        {
            writer.Bytes(1, Node(node));
        }

        writer.Text(2, "graph");
        foreach (var constant in graph.Constants)
        {
            writer.Bytes(5, Tensor(constant));
        }

        foreach (var input in graph.Inputs)
        {
            writer.Bytes(11, Message(value => value.Text(1, input)));
        }

        foreach (var output in graph.Outputs)
        {
            writer.Bytes(12, Message(value => value.Text(1, output)));
        }
    });

    static byte[] Node(OnnxNode node) => Message(writer =>
    {
        foreach (var input in node.Inputs)
        {
            writer.Text(1, input);
        }

        foreach (var output in node.Outputs)
        {
            writer.Text(2, output);
        }

        writer.Text(3, node.Name);
        writer.Text(4, node.Operator);
        foreach (var attribute in node.Attributes)
        {
            writer.Bytes(5, Attribute(attribute));
        }
    });

    // The last field is AttributeProto.AttributeType: 1 float, 2 int, 3 string, 4 tensor, 7 ints.
    static byte[] Attribute(OnnxAttributeProto attribute) => Message(writer =>
    {
        writer.Text(1, attribute.Name);
        if (attribute.Tensor is not null)
        {
            writer.Bytes(5, Tensor(attribute.Tensor));
            writer.Integer(20, 4);
        }
        else if (attribute.Integers.Count > 0)
        {
            writer.Bytes(8, Message(packed =>
            {
                foreach (var value in attribute.Integers)
                {
                    packed.Varint((ulong)value);
                }
            }));
            writer.Integer(20, 7);
        }
        else if (attribute.Text.Length > 0)
        {
            writer.Text(4, attribute.Text);
            writer.Integer(20, 3);
        }
        else if (attribute.FloatValue != 0)
        {
            writer.Single(2, attribute.FloatValue);
            writer.Integer(20, 1);
        }
        else
        {
            writer.Integer(3, attribute.IntegerValue);
            writer.Integer(20, 2);
        }
    });

    static byte[] Tensor(OnnxTensor tensor) => Message(writer =>
    {
        foreach (var dimension in tensor.Shape)
        {
            writer.Integer(1, dimension);
        }

        writer.Integer(2, (long)tensor.Type);
        writer.Text(8, tensor.Name);
        writer.Bytes(9, tensor.Bytes.Span);
    });

    static byte[] Message(Action<MessageWriter> write)
    {
        using var bytes = new MemoryStream();
        write(new MessageWriter(bytes));
        return bytes.ToArray();
    }

    sealed class MessageWriter(MemoryStream bytes)
    {
        public void Integer(int field, long value)
        {
            Tag(field, WireType.Varint);
            Varint((ulong)value);
        }

        public void Single(int field, float value)
        {
            Tag(field, WireType.Fixed32);
            Span<byte> number = stackalloc byte[sizeof(float)];
            BinaryPrimitives.WriteSingleLittleEndian(number, value);
            bytes.Write(number);
        }

        public void Text(int field, string text) => Bytes(field, Encoding.UTF8.GetBytes(text));

        public void Bytes(int field, ReadOnlySpan<byte> content)
        {
            Tag(field, WireType.LengthDelimited);
            Varint((ulong)content.Length);
            bytes.Write(content);
        }

        public void Varint(ulong value)
        {
            for (; value >= 0x80; value >>= 7)
            {
                bytes.WriteByte((byte)(value | 0x80));
            }

            bytes.WriteByte((byte)value);
        }

        void Tag(int field, WireType wire) => Varint(((uint)field << 3) | (uint)wire);
    }
}
