# frozen_string_literal: true

module CrmSync
  # For objects that hold secrets: nothing that shows or dumps objects shows what is in them.
  # @api private
  module Secretive
    # @return [String]
    def inspect
      "#<#{self.class.name}>"
    end

    # @raise [TypeError] always
    def marshal_dump
      raise TypeError, "a #{self.class.name} holds secrets and cannot be dumped"
    end

    # For JSON, as Rails makes it.
    def as_json(*)
      {}
    end

    # For YAML.
    def encode_with(_coder); end
  end
end
