# frozen_string_literal: true

require_relative "../notices/presentable"

module CrmSync
  # The name under which a sync stores its data: the name of its class, followed by its partition, if it has one, in
  # square brackets, which no class name contains.
  module StoredName
    # @param sync_name [String]
    # @param partition [String, nil]
    # @return [String] such as +"UpdateUserSalesforceInfo[oslo]"+
    def self.of(sync_name, partition)
      partition ? "#{sync_name}[#{partition}]" : sync_name
    end

    # @param name [String] a result of {.of}
    # @return [Array(String, String)] the name of the class, and the partition, or nil
    def self.parts(name)
      sync_name, partition = name.split("[", 2)
      [sync_name, partition&.delete_suffix("]")]
    end

    # @param partition [String, nil]
    # @return [String] a description for people
    def self.told(partition)
      partition ? "the partition #{Presentable.text(partition)}" : "no partition"
    end
  end
  private_constant :StoredName
end
