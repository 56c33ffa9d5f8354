namespace TinyInference.Converter.Import.TfLite;

using TinyInference.Converter.Graphs;

/// <summary>The import of one subgraph: its inputs, its operators in their order, its outputs.</summary>
internal sealed class SubgraphImport
{
    private const int MostLines = 1000;

    private readonly TfLiteFile _file;
    private readonly TensorValues _values;
    private readonly List<OperatorEntry> _operators;
    private readonly Graph _graph;
    private readonly HashSet<int> _ready = [];
    private readonly List<string> _unsupported = [];

    public SubgraphImport(TfLiteFile file, string name)
    {
        _file = file;
        _values = new TensorValues(file);
        _operators = DilatedConvolutions.Fold(file, _values);
        _graph = new Graph { Name = name };
    }

    public Graph Run()
    {
        Survey();
        ImportInputs();
        foreach (OperatorEntry entry in _operators)
        {
            ImportOperator(entry);
        }

        RefuseUnsupported();
        ImportOutputs();
        return _graph;
    }

    /// <summary>Finds at once all operators and tensors that are not supported, whatever is wrong with the rest.</summary>
    private void Survey()
    {
        foreach (OperatorEntry entry in _operators)
        {
            if (!OperatorTable.Knows(entry.Builtin))
            {
                _unsupported.Add(_file.Describe(entry));
                continue;
            }

            string? reason = entry.Inputs.Where((i, position) => i != -1 && !IsState(entry, position)).Concat(entry.Outputs).Select(_values.Unsupported).FirstOrDefault(static r => r is not null);
            if (reason is not null)
            {
                _unsupported.Add($"{_file.Describe(entry)}: {reason}");
            }
        }

        RefuseUnsupported();
        foreach (int index in _file.Inputs.Concat(_file.Outputs))
        {
            if (_values.Unsupported(index) is { } reason)
            {
                throw new InputException($"{_file.Bytes.FileName}: {reason}");
            }
        }
    }

    /// <summary>Whether an input is a state that the operator keeps itself: nothing makes it.</summary>
    private bool IsState(OperatorEntry entry, int position) =>
        entry.Builtin == BuiltinOperator.UNIDIRECTIONAL_SEQUENCE_LSTM && position is RecurrentOperators.HiddenState or RecurrentOperators.CellState
        && entry.Inputs[position] != -1 && _file.Tensor(entry.Inputs[position]).IsVariable;

    private void RefuseUnsupported()
    {
        if (_unsupported.Count > 0)
        {
            string count = _unsupported.Count == 1 ? "1 operator is" : $"{_unsupported.Count} operators are";
            IEnumerable<string> lines = _unsupported.Count <= MostLines ? _unsupported : _unsupported.Take(MostLines).Append("and so on");
            throw new InputException($"{_file.Bytes.FileName}: {count} not supported; replace in the model:{string.Concat(lines.Select(static l => $"{Environment.NewLine}  {l}"))}");
        }
    }

    private void ImportInputs()
    {
        foreach (int index in _file.Inputs)
        {
            TensorEntry tensor = _file.Tensor(index);
            Value value = _values[index];
            for (int i = 1; i < value.Shape.Rank; i++)
            {
                if (tensor.IsOpen(i))
                {
                    throw new InputException($"{_file.Bytes.FileName}: dimension {i} of input {tensor.Display} is not known; convert the model with a fixed input shape");
                }
            }

            if (value.IsConstant || !_ready.Add(index))
            {
                throw _file.Bytes.Damaged($"input {tensor.Display} {(value.IsConstant ? "is a constant" : "is there twice")}");
            }

            _graph.Inputs.Add(value);
        }

        if (_graph.Inputs.Count == 0)
        {
            throw new InputException($"{_file.Bytes.FileName}: the network has no input");
        }
    }

    private void ImportOperator(OperatorEntry entry)
    {
        for (int i = 0; i < entry.Inputs.Length; i++)
        {
            int index = entry.Inputs[i];
            if (index != -1 && !IsState(entry, i) && !_ready.Contains(index) && !_values[index].IsConstant)
            {
                throw _file.Bytes.Damaged($"{_file.Describe(entry)} reads {_file.Tensor(index).Display} before anything has made it");
            }
        }

        foreach (int index in entry.Outputs)
        {
            if (_values[index].Shape.ElementCount == 0)
            {
                throw _file.Bytes.Damaged($"{_file.Describe(entry)} makes {_file.Tensor(index).Display} of the empty shape {_values[index].Shape}");
            }

            if (_values[index].IsConstant || !_ready.Add(index))
            {
                throw _file.Bytes.Damaged($"{_file.Describe(entry)} writes to {_file.Tensor(index).Display}, which is there already");
            }
        }

        try
        {
            OperatorTable.Import(new OperatorImport(_file, _values, _graph, entry));
        }
        catch (UnsupportedException e)
        {
            _unsupported.Add(e.Message);
        }
        catch (InputException) when (_unsupported.Count > 0)
        {
            // What follows an operator that was not imported may look wrong without being so.
            RefuseUnsupported();
        }
    }

    private void ImportOutputs()
    {
        foreach (int index in _file.Outputs)
        {
            Value value = _values[index];
            if (!_ready.Contains(index) || value.IsConstant)
            {
                throw new InputException($"{_file.Bytes.FileName}: output {_file.Tensor(index).Display} is not computed from the input");
            }

            _graph.Outputs.Add(value);
        }

        if (_graph.Outputs.Count == 0)
        {
            throw new InputException($"{_file.Bytes.FileName}: the network has no output");
        }
    }
}
