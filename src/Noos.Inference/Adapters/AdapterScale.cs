namespace Noos.Inference.Adapters;

/// <summary>An adapter and how strongly it acts; 1 is as it was trained.</summary>
public sealed record AdapterScale(LoraAdapter Adapter, float Scale);
