# frozen_string_literal: true

# Walks from an object to all that it keeps alive: through variables, collections, and what procs and methods are bound
# to. Classes and threads are left out: they lead to everything, and belong to nobody.
class Reachable
  # @param start [Object]
  def initialize(start)
    @seen = {}.compare_by_identity
    open = [start]
    while (object = open.pop)
      next if @seen.key?(object)

      @seen[object] = true
      open.concat(held(object).reject { |inner| leaf?(inner) })
    end
  end

  # @return [Array<Class>] the classes of what was found
  def classes = @seen.keys.map(&:class).uniq

  private

  def leaf?(object)
    case object
    when nil, true, false, Numeric, Symbol, String, Module, Thread then true
    end
  end

  def held(object)
    variables = object.instance_variables.map { |name| object.instance_variable_get(name) }
    variables + members(object)
  end

  def members(object)
    case object
    when Array, Set then object.to_a
    when Hash then object.to_a.flatten(1)
    when Struct then object.values
    when Proc then bound(object)
    when Method then [object.receiver]
    else []
    end
  end

  # A proc that C has made, such as that of a symbol, has no binding.
  def bound(block)
    binding = block.binding
    [binding.receiver, *binding.local_variables.map { |name| binding.local_variable_get(name) }]
  rescue ArgumentError
    []
  end
end
