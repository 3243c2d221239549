namespace Noos.Language.Onnx;

/// <summary>Element types of ONNX tensors that are read here; the values are those of <c>TensorProto.DataType</c>.</summary>
public enum OnnxElementType
{
    F32 = 1,
    U8 = 2,
    I8 = 3,
    I32 = 6,
    I64 = 7,
    Bool = 9,
    F16 = 10,
    F64 = 11,
    BF16 = 16,
}
