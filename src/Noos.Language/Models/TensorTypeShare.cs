using Noos.Language.Gguf;

namespace Noos.Language.Models;

/// <summary>The part of a model that is stored in one type.</summary>
public sealed record TensorTypeShare(GgufTensorType Type, int Tensors, long Values, long Bytes);
