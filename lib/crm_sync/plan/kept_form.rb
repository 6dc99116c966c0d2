# frozen_string_literal: true

module CrmSync
  # Checks that the parsed JSON of a file has the expected form. Anybody who can write a file can put any values into
  # it, and seal it again if no signature is required.
  #
  # A form is a Class or a Proc that accepts a value by +===+, a Hash with the forms of members, an Array with the form
  # of its items, or one of the Structs below.
  module KeptForm
    # A Hash whose values all have the same form. It may have any names, and has the +required+ ones.
    Named = Struct.new(:form, :required)
    # A Hash whose members may be missing; those that are present have these forms.
    Present = Struct.new(:forms)
    # An Array with one item for each form.
    Tuple = Struct.new(:forms)
    # A value that may be missing.
    Maybe = Struct.new(:form)

    # A String in valid UTF-8.
    TEXT = ->(value) { value.is_a?(String) && value.valid_encoding? }
    # A count.
    COUNT = ->(value) { value.is_a?(Integer) && !value.negative? }
    # A Boolean.
    FLAG = ->(value) { [true, false].include?(value) }
    # The key of a record.
    KEY = ->(value) { value.is_a?(Integer) || TEXT.call(value) }

    class << self
      # @param form [Object]
      # @param value [Object] the parsed JSON
      # @return [Array<String, Integer>, nil] the path to the first value of another form; empty for +value+ itself
      def misfit(form, value)
        case form
        when Proc, Class then ([] unless form === value) # rubocop:disable Style/CaseEquality
        when Maybe then (misfit(form.form, value) unless value.nil?)
        when Array, Tuple then in_items(form, value)
        else in_members(form, value)
        end
      end

      private

      def in_members(form, value)
        return [] unless value.is_a?(Hash)

        members(form, value).each do |name, its|
          way = misfit(its, value[name])
          return [name, *way] if way
        end
        nil
      end

      def members(form, value)
        case form
        when Named then [*form.required, *value.keys].to_h { |name| [name, form.form] }
        when Present then form.forms.slice(*value.keys)
        else form
        end
      end

      def in_items(form, items)
        return [] if !items.is_a?(Array) || (form.is_a?(Tuple) && form.forms.size != items.size)

        items.each_with_index do |item, place|
          way = misfit(form.is_a?(Tuple) ? form.forms[place] : form.first, item)
          return [place, *way] if way
        end
        nil
      end
    end
  end
  private_constant :KeptForm
end
