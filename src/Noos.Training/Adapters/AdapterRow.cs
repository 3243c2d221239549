using Noos.Training.Model;

namespace Noos.Training.Adapters;

/// <summary>A training row, and its number in the run, which decides what dropout leaves out of it.</summary>
readonly record struct AdapterRow(TrainingRow Row, long Number);
