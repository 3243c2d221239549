using System.Runtime.InteropServices;
using Noos.Core;
using Noos.Language.Gguf;
using Noos.Language.Models;

namespace Noos.Training.Adapters;

/// <summary>
/// Adapters as GGUF files that our engine and llama.cpp load: the metadata and tensor names of llama.cpp's convert_lora_to_gguf.py, rows in
/// the order of the base's file.
/// </summary>
public static class LoraAdapterWriter
{
    /// <param name="path">The file to write or replace; it appears whole.</param>
    /// <param name="name">What the adapter is called.</param>
    /// <exception cref="NoosException">The file cannot be written.</exception>
    public static void Write(string path, string name, FrozenDecoder model, LoraParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(parameters);
        var writer = new GgufWriter();
        writer.Add("general.architecture", model.Architecture);
        writer.Add("general.type", "adapter");
        writer.Add("general.name", name);
        writer.Add("general.base_model.count", 1u);
        writer.Add("general.base_model.0.name", model.Name);
        writer.Add("general.file_type", 0u);
        writer.Add("adapter.type", "lora");
        writer.Add("adapter.lora.alpha", (float)model.Options.Alpha);
        foreach (var slot in parameters.Slots.OrderBy(slot => slot.Name, Comparer<string>.Create(TensorNames.Compare)))
        {
            writer.AddTensor(
                slot.NameOfA, GgufTensorType.F32, [slot.Columns, slot.Rank], MemoryMarshal.AsBytes(parameters.A(slot)));
            writer.AddTensor(slot.NameOfB, GgufTensorType.F32, [slot.Rank, slot.Rows], MemoryMarshal.AsBytes(parameters.B(slot)));
        }

        writer.WriteTo(path);
    }
}
